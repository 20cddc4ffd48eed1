"""Paints every screen without a display: ``python tools/screenshots.py FOLDER [NAME ...]``.

The screens are those of the program itself, over a practice book made on the fly. Each is painted
at 1366x768, light and dark; with ``--large`` also with text at 150 %.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from vsla_desktop.app import Options, Program
from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.currencies import currency
from vsla_desktop.i18n import use_language
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.meeting_counting import PurseCounter
from vsla_desktop.settings import DataFolder, Settings, ThemeChoice, save_settings
from vsla_desktop.views.big_screen import BigScreen, WallStrip
from vsla_desktop.views.pages.cashbook import CashbookPage
from vsla_desktop.views.pages.desk import DeskPage
from vsla_desktop.views.pages.meeting import MeetingPage
from vsla_desktop.views.pages.meeting_opening import BeforePage
from vsla_desktop.views.pages.meeting_sheet import SheetPage
from vsla_desktop.views.pages.members import MembersPage
from vsla_desktop.views.pages.page import ROOMY_PERCENT, Page
from vsla_desktop.views.widgets.control_totals import ControlTotalsStrip

SIZE: Final = (1366, 768)
TODAY: Final = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 - the books keep UTC without a zone
PATIENCE: Final = 20.0
P = TypeVar("P", bound=Page)
OPEN_MEETING = ("share-out", "votes", "keys", "slip")
MEMBERS: Final = (
    ("Amina", "Nakato", "f", "0772 123456"),
    ("Beatrice", "Auma", "f", "0772 223344"),
    ("Charles", "Okello", "m", ""),
    ("Deborah", "Achieng", "f", "0781 556677"),
    ("Esther", "Namuli", "f", "0701 998877"),
    ("Francis", "Mugisha", "m", "0772 454545"),
)


def make_practice(
    folder: DataFolder, meetings: int, *, opens_meeting: bool = False, days_ago: int = 0
) -> None:
    """Make a practice book; perhaps with a meeting that is open."""
    from vsla_desktop import db
    from vsla_desktop.services.meetings import NewMeeting, as_expected, open_meeting
    from vsla_desktop.services.practice import create_practice

    clock = FixedClock(TODAY - timedelta(days=7))
    database = db.open_database(folder.database)
    made = create_practice(database, groups=1, members=22, meetings=meetings, seed=4, clock=clock)
    if opens_meeting:
        with database.write() as session:
            group_id = made[0].group_id
            open_meeting(
                session,
                group_id,
                NewMeeting(day=(TODAY - timedelta(days=days_ago)).date()),
                counts=as_expected(session, group_id),
                clock=FixedClock(TODAY),
            )
    if folder.path.name != "practice":
        # The pictures show the books of a real group.
        with database.connection(writes=True) as connection:
            connection.exec_driver_sql("UPDATE savings_groups SET is_practice = 0")
    database.close()


def make_desk(folder: DataFolder) -> None:
    """Make the book of a coordinator: groups that met last week, and some that did not."""
    from vsla_desktop import db
    from vsla_desktop.domain.meeting import AttendanceStatus
    from vsla_desktop.domain.postings import Fund
    from vsla_desktop.domain.visits import Agreed, Check, Result, VisitNote
    from vsla_desktop.queries.members import members_of
    from vsla_desktop.services.attendance import record_roll_call
    from vsla_desktop.services.counts import PurseCounted
    from vsla_desktop.services.meetings import (
        NewMeeting,
        as_expected,
        close_meeting,
        open_meeting,
    )
    from vsla_desktop.services.practice import PracticeGroup, create_practice
    from vsla_desktop.services.visits import record_visit

    database, clock = db.open_database(folder.database), FixedClock(TODAY)
    made: list[PracticeGroup] = []
    for count, seed, days in ((5, 4, 7), (2, 21, 28), (2, 33, 9)):
        before = FixedClock(TODAY - timedelta(days=days))
        made += create_practice(
            database,
            groups=count,
            members=9 + 2 * count,
            meetings=6 + count,
            seed=seed,
            clock=before,
            currency_code="UGX",
        )
    with database.write() as session:
        new = NewMeeting(day=(TODAY - timedelta(days=5)).date())
        for group in (made[1], made[7]):
            counts = as_expected(session, group.group_id)
            opened = open_meeting(session, group.group_id, new, counts=counts, clock=clock)
            if group is made[1]:
                members = members_of(session, group.group_id, on=new.day)
                marks = {each.member_id: AttendanceStatus.PRESENT for each in members[:14]}
                marks |= {each.member_id: AttendanceStatus.ABSENT for each in members[14:]}
                record_roll_call(session, opened.meeting_id, marks, clock=clock)
                counts = as_expected(session, group.group_id)
                found = counts[Fund.LOAN_FUND].counted() - 12000
                counts[Fund.LOAN_FUND] = PurseCounted(found, reason="Lost")
                close_meeting(session, opened.meeting_id, counts, clock=clock)
        day = (TODAY - timedelta(days=40)).date()
        actions = (
            Agreed("Count the box with three people", day + timedelta(days=14)),
            Agreed("Buy a new padlock", (TODAY + timedelta(days=7)).date()),
            Agreed("Read the rules aloud", day + timedelta(days=7), day + timedelta(days=7)),
        )
        looked_at = {Check.BOX: Result.WRONG, Check.PASSBOOKS: Result.FINE, Check.SEAL: Result.FINE}
        note = VisitNote(
            day=day,
            who="Grace Atim",
            looked_at=looked_at,
            passbooks_count=5,
            findings="One padlock is broken; the box lacked 2,000.",
            actions=actions,
        )
        record_visit(session, made[1].group_id, note, clock=clock)
    with database.connection(writes=True) as connection:
        connection.exec_driver_sql("UPDATE savings_groups SET is_practice = 0")
    database.close()


def make_founded(folder: DataFolder) -> None:
    """Make the book of a group that has members and no meeting yet."""
    from vsla_desktop import db
    from vsla_desktop.domain.rules import Preset, preset_rules
    from vsla_desktop.services.groups import NewGroup, create_group
    from vsla_desktop.services.members import NewMember, add_member

    clock = FixedClock(TODAY)
    formed = (TODAY - timedelta(days=200)).date()
    database = db.open_database(folder.database)
    new = NewGroup(name="Tukolere Wamu", currency="UGX", formation_date=formed)
    rules = preset_rules(Preset.VSLA, share_value=Decimal(2000))
    with database.write() as session:
        made = create_group(session, new, rules, clock=clock)
        for _round in range(4):
            for first, last, gender, _phone in MEMBERS:
                member = NewMember(
                    first_name=first, last_name=last, gender=gender.upper(), joined_date=formed
                )
                add_member(session, made.group_id, member, clock=clock)
    database.close()


class Screens:
    """The screens by name, each a way to get a program to show it."""

    def __init__(self, app: QApplication, base: Path) -> None:
        self.app = app
        self.base = base
        self.theme = ThemeChoice.LIGHT
        self.percent = 100
        self.language = "en"
        self.office_url = ""
        self.servers = ExitStack()

    def named(self) -> dict[str, Callable[[], Program]]:
        """Every screen; the order is the one in which a person meets them."""
        return {
            "first-start": lambda: self.program("empty"),
            "new-group": self.new_group,
            "new-group-wrong": self.new_group_wrong,
            "new-group-rules": lambda: self.wizard(1),
            "new-group-members": lambda: self.wizard(2),
            "new-group-officers": lambda: self.wizard(3),
            "bring-books": lambda: self.page("empty", "bring-books"),
            "bring-books-wrong": self.bring_wrong,
            "take-out": lambda: self.page("book", "take-out"),
            "take-out-done": self.taken_out,
            "trouble": self.trouble,
            "home": lambda: self.page("book", "home"),
            "home-new": lambda: self.page("young", "home"),
            "desk": lambda: self.page("desk", "desk"),
            "desk-visits": lambda: self.desk_visits(writes=False),
            "desk-visit-new": lambda: self.desk_visits(writes=True),
            "desk-compare": self.desk_compare,
            "members": lambda: self.page("book", "members"),
            "members-profile": self.profile,
            "members-passbook": self.passbook,
            "members-leaving": lambda: self.member_act("leave"),
            "members-target": lambda: self.member_act("target"),
            "members-phone": self.phone,
            "members-phone-new": self.phone_form,
            "members-form": self.member_form,
            "members-officers": self.officers,
            "members-code": self.member_code,
            "loans": lambda: self.page("book", "loans"),
            "loans-one": self.loan,
            "loans-ask": self.loan_request,
            "loans-more": self.loan_change,
            "loans-request": self.loan_asked,
            "loans-loss": self.loan_loss,
            "funds": lambda: self.funds("FINES"),
            "funds-social": lambda: self.funds("SOCIAL", view="ADVANCES"),
            "funds-money": lambda: self.funds("MONEY"),
            "funds-bank": lambda: self.funds("BANK"),
            "funds-debts": lambda: self.funds("DEBTS"),
            "funds-property": lambda: self.funds("PROPERTY"),
            "funds-no-meeting": lambda: self.page("book", "funds"),
            "cashbook": lambda: self.page("book", "cashbook"),
            "cashbook-correct": self.correction,
            "share-out": lambda: self.page("open", "share-out"),
            "share-out-audit": lambda: self.share_out("audit"),
            "share-out-count": lambda: self.share_out("count"),
            "share-out-table": lambda: self.share_out("table"),
            "share-out-notes": lambda: self.share_out("notes"),
            "share-out-vote": lambda: self.share_out("vote"),
            "share-out-pay": lambda: self.share_out("pay"),
            "share-out-take-back": lambda: self.share_out("take-back"),
            "share-out-next": lambda: self.share_out("next"),
            "home-paper": lambda: self.page("paper", "home"),
            "paper-books": self.paper_books,
            "rules": lambda: self.rules("SHARES"),
            "rules-loans": lambda: self.rules("LOANS"),
            "rules-preset": lambda: self.rules("START"),
            "rules-meetings": lambda: self.rules("MEETINGS"),
            "rules-saving-types": lambda: self.rules("SAVING_TYPES"),
            "rules-scores": lambda: self.rules("ASSESSMENT"),
            "rules-history": lambda: self.rules("HISTORY"),
            "rules-vote": self.rules_vote,
            "reports": lambda: self.page("book", "reports"),
            "reports-table": lambda: self.report("cashbook"),
            "reports-long": lambda: self.report("savings"),
            "reports-figures": lambda: self.report("balance-sheet"),
            "reports-chart": lambda: self.report("attendance"),
            "reports-member": lambda: self.report("member-summary"),
            "reports-filter": lambda: self.report("loans", "filter"),
            "reports-saved": lambda: self.report("cashbook", "saved"),
            "sync": lambda: self.page("book", "sync"),
            "sync-enrol": self.sync_enrol,
            "sync-waiting": lambda: self.sync("NOW"),
            "sync-sending": self.sync_sending,
            "sync-settle": lambda: self.sync("SETTLE"),
            "sync-refused": lambda: self.sync("REFUSED"),
            "sync-history": lambda: self.sync("HISTORY"),
            "sync-locked": self.sync_locked,
            "filling": lambda: self.page("empty", "filling"),
            "settings": lambda: self.page("book", "settings"),
            "office-sign-in": lambda: self.office("sign-in"),
            "office-programme": lambda: self.office("programme"),
            "office-indicators": lambda: self.office("programme", part=1),
            "office-months": lambda: self.office("programme", part=2),
            "office-groups": lambda: self.office("office-groups"),
            "office-group-new": lambda: self.office("office-groups", act="open"),
            "office-group-give": lambda: self.office("office-groups", act="give"),
            "office-reports": lambda: self.office("reports"),
            "office-laptops": lambda: self.office("laptops"),
            "office-differences": lambda: self.office("laptops", part=1),
            "office-laptop-new": lambda: self.office("laptops", act="enrol"),
            "office-people": lambda: self.office("people"),
            "office-person-new": lambda: self.office("people", act="add"),
            "office-access": lambda: self.office("people", act="access"),
            "office-asked": lambda: self.office("people", part=1),
            "office-messages": lambda: self.office("people", part=2),
            "office-message-new": lambda: self.office("people", part=2, act="send"),
            "office-shared": lambda: self.office("shared"),
            "office-achievements": lambda: self.office("shared", part=2),
            "office-achievement-new": lambda: self.office("shared", part=2, act="add"),
            "office-providers": lambda: self.office("shared", part=5),
            "office-settings": lambda: self.office("settings"),
            "office-reader": lambda: self.office("office-groups", who="Ruth"),
            "meeting-opening": lambda: self.page("book", "meeting"),
            "meeting-count": self.opening_count,
            "meeting-sheet": self.meeting,
            "meeting-paper": self.paper_totals,
            "meeting-closing": self.closing_count,
            "meeting-earlier": self.earlier,
            "meeting-plan": self.plan,
            "meeting-plan-new": self.plan_new,
            "meeting-votes": self.votes,
            "meeting-keys": self.three_keys,
            "meeting-slip": self.slip,
            "meeting-wall": self.wall,
            "meeting-wall-strip": self.wall_strip,
            "keys": lambda: self.keys(self.page("book", "members")),
            "keys-meeting": lambda: self.keys(self.meeting()),
            "practice": lambda: self.practice("meeting"),
            "practice-cashbook": lambda: self.practice("cashbook"),
        }

    # ------------------------------------------------------------------ programs

    def program(self, name: str) -> Program:
        """A program over a folder of this name, made when it is first asked for."""
        folder = DataFolder(self.base / name)
        if not folder.path.exists():
            folder.path.mkdir(parents=True)
            if name in {"book", "plan", "sync"}:
                make_practice(folder, 4 if name == "plan" else 30)
            elif name == "young":
                make_practice(folder, 1)
            elif name == "paper":
                make_founded(folder)
            elif name == "past":
                make_practice(folder, 6, opens_meeting=True, days_ago=3)
            elif name in {"open", "funds", "phone", "codes"} or name.startswith(OPEN_MEETING):
                make_practice(folder, 12, opens_meeting=True)
            elif name == "desk":
                make_desk(folder)
            elif name == "damaged":
                folder.database.write_bytes(b"no book at all" * 500)
        program = self.start(Options(folder))
        wanted = {"empty": "first-start", "damaged": "opening"}.get(name, "")
        self.wait(lambda: program.window.current_key == wanted or program.group is not None)
        return program

    def start(self, options: Options) -> Program:
        """A program that opens a book of a folder, or another database."""
        choices = Settings(
            language=self.language,
            currency="UGX",
            theme=self.theme,
            text_percent=self.percent,
            window_width=SIZE[0],
            window_height=SIZE[1],
        )
        save_settings(options.folder, choices)
        program = Program(self.app, options, FixedClock(TODAY))
        program.start()
        return program

    def page(self, name: str, key: str) -> Program:
        """One page of a program."""
        program = self.program(name)
        program.shell.go_to(key)
        self.settle()
        return program

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Let the program work until something is so."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end:
                message = "the program does not come so far"
                raise TimeoutError(message)
            self.app.processEvents()
            time.sleep(0.005)

    def settle(self) -> None:
        """Let the program finish what it is at."""
        for _round in range(60):
            self.app.processEvents()
            time.sleep(0.005)

    # ------------------------------------------------------------------ single screens

    def new_group(self) -> Program:
        """The first step of a new group."""
        return self.page("empty", "new-group")

    def new_group_wrong(self) -> Program:
        """The first step with what can not be taken."""
        program = self.new_group()
        presenter = program.pages.presenters["new-group"]
        presenter.enter("name", "\N{PARTY POPPER} Tukolere")
        presenter.enter("formation_date", "31/2/2026")
        presenter.enter("village", "B" * 300)
        presenter.next()
        self.settle()
        return program

    def wizard(self, step: int) -> Program:
        """A later step of a new group."""
        program = self.new_group()
        presenter = program.pages.presenters["new-group"]
        for key, text in {
            "name": "Tukolere Wamu",
            "village": "Bunenero",
            "share_value": "2000",
            "social_fund": "500",
            "fine_late": "200",
            "fine_absent": "500",
        }.items():
            presenter.enter(key, text)
        lines = "\n".join("\t".join(("", *member)).strip("\t") for member in MEMBERS)
        presenter.members.enter(0, 1, lines)
        if step == 2:  # noqa: PLR2004 - the members
            presenter.members.enter(7, 1, "Grace")
            presenter.members.enter(7, 4, "none")
            presenter.members.enter(8, 1, "Amina")
            presenter.members.enter(8, 2, "Nakato")
        for _step in range(step):
            presenter.next()
        self.settle()
        return program

    def bring_wrong(self) -> Program:
        """A workbook with wrong cells."""
        import xlsxwriter

        file = self.base / "wrong.xlsx"
        with xlsxwriter.Workbook(str(file)) as book:
            sheet = book.add_worksheet("Group")
            said = {
                "name": "Tukolere Wamu",
                "currency": "UGX",
                "share_value": "two thousand",
                "cycle_start": "soon",
            }
            for row, (key, value) in enumerate(said.items()):
                sheet.write_row(row, 0, (key, value))
            members = book.add_worksheet("Members")
            members.write_row(0, 0, ("number", "first_name", "last_name", "gender"))
            members.write_row(1, 0, (1, "Amina", "Nakato", "F"))
            members.write_row(2, 0, (1, "", "Auma", "Q"))
        program = self.page("empty", "bring-books")
        presenter = program.pages.presenters["bring-books"]
        presenter.choose(file)
        self.wait(lambda: not presenter.is_working)
        self.settle()
        return program

    def taken_out(self) -> Program:
        """The book, taken out."""
        program = self.page("book", "take-out")
        presenter = program.pages.presenters["take-out"]
        presenter.take_out(self.base / presenter.file_name())
        self.wait(lambda: not presenter.is_working)
        self.settle()
        return program

    def trouble(self) -> Program:
        """A book that can not be opened."""
        program = self.program("damaged")
        self.wait(lambda: program.opening.trouble is not None)
        self.settle()
        return program

    def profile(self, name: str = "book") -> Program:
        """A member's profile."""
        program = self.page(name, "members")
        program.pages.presenters["members"].open_row(2)
        self.settle()
        return program

    def passbook(self) -> Program:
        """A member's passbook."""
        program = self.profile()
        page = program.window.page("members")
        if isinstance(page, MembersPage):
            page.turn_over()
        self.settle()
        return program

    def member_act(self, name: str) -> Program:
        """A form about a member, at an open meeting."""
        program = self.profile("open")
        page = program.window.page("members")
        if isinstance(page, MembersPage):
            page.act(name)
        self.settle()
        return program

    def member_code(self) -> Program:
        """The treasurer changes her code; all three officers have one."""
        from vsla_desktop.queries.officers import officers_of
        from vsla_desktop.services.officers_codes import set_code

        program = self.page("codes", "members")
        members = program.pages.presenters["members"]
        with program.database.write() as session:
            people = officers_of(session, members.group_id)
            if not people.use_codes:
                codes = ("2580", "70707", "19283746")
                for held, code in zip(people.held_by.values(), codes, strict=True):
                    set_code(session, held.member_id, code, clock=FixedClock(TODAY))
        members.open_row(2)
        self.wait(lambda: members.profile is not None)
        page = program.window.page("members")
        if isinstance(page, MembersPage):
            page.act("code")
        self.settle()
        return program

    def desk_visits(self, *, writes: bool) -> Program:
        """The visits to a group; perhaps one that is being written down, with what is wrong."""
        program = self.page("desk", "desk")
        page = program.window.page("desk")
        if isinstance(page, DeskPage):
            lines = page.presenter.read.lines if page.presenter.read is not None else ()
            visited = next(row for row, line in enumerate(lines) if line.last_visit is not None)
            page.list.go_to(visited)
            page.show_visits()
            self.settle()
            if writes and page.visits is not None:
                page.visits.write_down()
            if writes and page.visits is not None and page.visits.form is not None:
                typed = {"PASSBOOKS": "FINE", "BOX": "WRONG", "what_1": "Count", "due_1": "soon"}
                for key, text in typed.items():
                    page.visits.form.enter(key, text)
                page.visits.form.save()
        self.settle()
        return program

    def desk_compare(self) -> Program:
        """Three groups side by side."""
        program = self.page("desk", "desk")
        page = program.window.page("desk")
        if isinstance(page, DeskPage):
            for row in range(3):
                page.presenter.mark(row)
            page.show_comparison()
            self.settle()
            if page.comparison is not None:
                page.comparison.list.go_to(2)
        self.settle()
        return program

    def phone(self) -> Program:
        """Money on the phone: some waits, some came, some did not."""
        from vsla_desktop.queries.mobile_money import Purpose, payments_of_group
        from vsla_desktop.services.mobile_money import NewPayment, record_payment, reject_payment

        program = self.page("phone", "members")
        members = program.pages.presenters["members"]
        first, clock = members.members[0], FixedClock(TODAY)
        with program.database.write() as session:
            known = payments_of_group(session, members.group_id)
            for member, purpose in zip(members.members, Purpose, strict=False):
                if known:
                    break
                new = NewPayment(
                    member_id=member.member_id,
                    amount=first.shares_value / max(first.shares, 1),
                    purpose=purpose,
                    reference=f"QK7{member.number}X{member.member_id}",
                    phone_number="0772 123456",
                    day=TODAY.date(),
                )
                payment = record_payment(session, members.group_id, new, clock=clock)
                if purpose is Purpose.LOAN:
                    reject_payment(session, payment, "No message", clock=clock)
        page = program.window.page("members")
        if isinstance(page, MembersPage):
            page.show_phone()
        self.settle()
        return program

    def phone_form(self) -> Program:
        """Writing down money that was sent."""
        program = self.page("book", "members")
        page = program.window.page("members")
        if isinstance(page, MembersPage):
            page.write_payment()
        self.settle()
        return program

    def member_form(self) -> Program:
        """A new member with a wrong field."""
        program = self.page("book", "members")
        page = program.window.page("members")
        if isinstance(page, MembersPage):
            page.add_member()
            if page.editing is not None:
                page.editing.enter("first_name", "محمد")
                page.editing.enter("phone_number", "none")
        self.settle()
        return program

    def officers(self) -> Program:
        """Electing officers."""
        program = self.page("book", "members")
        page = program.window.page("members")
        if isinstance(page, MembersPage):
            page.elect()
        self.settle()
        return program

    def loan(self, name: str = "book") -> Program:
        """One loan in full, the first of the list."""
        program = self.page(name, "loans")
        program.pages.presenters["loans"].open_row(0)
        self.settle()
        return program

    def loan_request(self) -> Program:
        """A member asks for a loan; what it would cost stands beside it."""
        program = self.page("open", "loans")
        presenter = program.pages.presenters["loans"]
        presenter.ask()
        asked = {request.member_id for request in presenter.read.requests}
        people = presenter.form.around.people[4:]
        person = next(each for each in people if each.member_id not in asked)
        typed = {"member": str(person.member_id), "amount": "60000", "periods": "3"}
        for key, text in {**typed, "purpose": "Goats", "guarantors": "2, 3"}.items():
            presenter.form.enter(key, text)
        self.settle()
        return program

    def loan_asked(self) -> Program:
        """A request with its assessment, before the vote."""
        program = self.loan_request()
        program.pages.presenters["loans"].form.save()
        self.settle()
        return program

    def loan_loss(self) -> Program:
        """Writing off a loan, with its effect before and after."""
        program = self.page("open", "meeting")
        program.pages.presenters["meeting"].sheet.fill_usual(2)
        self.settle()
        program.shell.go_to("loans")
        self.settle()
        presenter = program.pages.presenters["loans"]
        presenter.open_row(1)
        self.settle()
        presenter.one.do("write_off")
        self.settle()
        presenter.form.enter("reason", "Her shop burnt")
        self.settle()
        return program

    def loan_change(self) -> Program:
        """More money on a running loan, with its effect before and after."""
        program = self.loan("open")
        presenter = program.pages.presenters["loans"]
        presenter.one.do("top_up")
        self.settle()
        presenter.form.enter("amount", "10000")
        self.settle()
        return program

    def funds(self, part: str, view: str = "") -> Program:
        """One part of the funds, with something of everything in the book."""
        from vsla_desktop.presenters.funds_table import Tab

        program = self.page("funds", "funds")
        presenter = program.pages.presenters["funds"]
        self.wait(lambda: presenter.read is not None)
        if not presenter.read.items:
            fill_funds(program)
            presenter.refresh()
            self.settle()
        presenter.choose_tab(Tab(part))
        if view:
            presenter.choose_view(view)
        if part == "DEBTS":
            presenter.choose_form("repay")
            presenter.form.enter("debt", "lender Twiga Bank")
            presenter.form.enter("principal", "900000")
            presenter.form.save()
        self.settle()
        return program

    def correction(self) -> Program:
        """Correcting a line of the cashbook."""
        program = self.page("open", "cashbook")
        page = program.window.page("cashbook")
        presenter = program.pages.presenters["cashbook"]
        if isinstance(page, CashbookPage):
            page.list.go_to(3)
        presenter.correct(3)
        self.wait(lambda: presenter.correction is not None)
        presenter.correction.enter("amount", "2000")
        self.settle()
        return program

    def paper_books(self) -> Program:
        """Paper books half typed: 20,000 are missing, and one loan is too long."""
        program = self.page("paper", "paper-books")
        presenter = program.pages.presenters["paper-books"]
        self.wait(lambda: presenter.read is not None)
        for row in range(presenter.members.row_count()):
            presenter.members.enter(row, 2, str(10 + row * 7 % 30))
        for row, principal, periods in ((1, "60000", "2"), (4, "90000", "12"), (8, "45000", "1")):
            presenter.members.enter(row, 3, principal)
            presenter.members.enter(row, 4, periods)
        presenter.members.enter(4, 6, "500")
        presenter.enter("box_LOAN_FUND", "1000000")
        presenter.enter("box_SOCIAL", "120000")
        presenter.enter("earnings", "85000")
        self.settle()
        return program

    def rules(self, part: str, name: str = "book") -> Program:
        """One part of the constitution; loans have a wrong field and a changed one."""
        from vsla_desktop.reports.rules_words import Section

        program = self.page(name, "rules")
        presenter = program.pages.presenters["rules"]
        self.wait(lambda: presenter.read is not None)
        presenter.show_section(Section(part))
        if part == "START":
            presenter.look_at_preset("SHG")
        elif part == "LOANS":
            presenter.enter("loan_max_months", "six")
            presenter.enter("loan_multiple", "4")
        self.settle()
        return program

    def rules_vote(self) -> Program:
        """The vote on two changed rules."""
        program = self.rules("SHARES", "open")
        presenter = program.pages.presenters["rules"]
        presenter.enter("max_shares_per_meeting", "8")
        presenter.enter("loan_min_months", "2")
        presenter.ask()
        self.settle()
        return program

    def share_out(self, until: str) -> Program:
        """The share-out up to a step, in a book of its own."""
        last = "take-back" if until == "take-back" else "next"
        steps = ("audit", "count", "table", "notes", "vote", "pay", last)
        # A book is paid once: each picture has its own.
        name = f"share-out-{until}-{self.theme}-{self.percent}-{self.language}"
        program = self.page(name, "share-out")
        presenter = program.pages.presenters["share-out"]
        for step in steps[: steps.index(until) + 1]:
            if step == "notes":
                presenter.toggle_notes()
                self.settle()
                continue
            if step == "table":
                for purse in presenter.purses:
                    count(purse)
            elif step == "pay":
                everybody_comes(program)
                present = len(presenter.cycle.payouts)
                presenter.vote.enter("in_favour", str(present - 2))
                presenter.vote.enter("against", "2")
            elif step == "take-back":
                presenter.paying.pay_row(2)
                self.settle()
                presenter.paying.take_back_row(2)
                presenter.paying.taking_back.enter("reason", "Paid to her sister")
                self.settle()
                continue
            elif step == "next":
                presenter.paying.pay_row(1)
                self.settle()
                presenter.paying.pay_all()
                presenter.paying.pay_all()
                self.settle()
                close_the_meeting(program)
                presenter.refresh()
                self.settle()
                presenter.next.enter(1, 3, "4")
                presenter.next.enter(2, 3, "99")
                continue
            presenter.go_on()
            self.settle()
        return program

    def opening_count(self) -> Program:
        """The opening count: the loan fund agrees, the social fund is being counted."""
        program = self.page("book", "meeting")
        presenter = program.pages.presenters["meeting"]
        presenter.count_the_box()
        self.wait(lambda: presenter.stage is Stage.OPENING_COUNT)
        for purse in presenter.opening.purses:
            count(purse)
        purse.enter(0, "1")
        self.settle()
        return program

    def meeting(self) -> Program:
        """The sheet of an open meeting, half filled in, with a cell to fix."""
        program = self.page("open", "meeting")
        sheet = program.pages.presenters["meeting"].sheet
        roll, social, shares = (sheet.column_of(key) for key in ("attendance", "social", "shares"))
        for row in range(sheet.row_count()):
            sheet.enter(row, roll, "A" if row == 8 else "L" if row in {3, 11} else "P")  # noqa: PLR2004
        self.settle()
        sheet.fill_usual(social)
        for row in range(9):
            sheet.enter(row, shares, "12" if row == 5 else str(1 + row * 7 % 5))  # noqa: PLR2004
        self.settle()
        return program

    def plan_new(self) -> Program:
        """Before a meeting: another one is planned, its day not read."""
        program = self.page("plan", "meeting")
        part = meeting_part(program, BeforePage)
        if part.plan is not None:
            part.plan.plan_button.click()
            part.plan.new_day.setText("some day")
            part.plan.keep_button.click()
        self.settle()
        return program

    def plan(self) -> Program:
        """Before a meeting: one was cancelled, the next was moved, and is asked about again."""
        program = self.page("plan", "meeting")
        presenter = program.pages.presenters["meeting"]
        presenter.planning.cancel("The road is under water")
        self.settle()
        presenter.planning.move("7/12/2026", "Market day")
        self.settle()
        presenter.planning.plan("SPECIAL", "18/12/2026", "At the school", "Choose a treasurer")
        self.settle()
        part = meeting_part(program, BeforePage)
        if part.plan is not None:
            part.plan.open_button.click()
            part.plan.move_button.click()
        self.settle()
        return program

    def votes(self) -> Program:
        """A vote by members under way, beside a training."""
        from vsla_desktop.presenters.meeting_columns import Step
        from vsla_desktop.queries.activities import ActivityKind

        program = self.page("votes", "meeting")
        presenter = program.pages.presenters["meeting"]
        sheet, activities = presenter.sheet, presenter.activities
        sheet.fill_usual(sheet.column_of("attendance"))
        self.settle()
        sheet.show_step(Step.ACTIVITIES)
        activities.add(ActivityKind.VOTING, "Share-out in December", ("19", "2", "1"))
        self.settle()
        activities.add(ActivityKind.TRAINING, "Keeping goats")
        self.settle()
        activities.add(ActivityKind.VOTING, "A new box")
        self.settle()
        for row in range(9):
            activities.parts.enter(row, 2, "A" if row in {3, 7} else "N" if row == 5 else "F")  # noqa: PLR2004
            self.settle()
        return program

    def three_keys(self) -> Program:
        """Two officers have codes: one confirmed, one typed a wrong code."""
        program = self.meeting_counted("keys")
        keys = program.pages.presenters["meeting"].keys
        chair, secretary, treasurer = keys.rows()
        keys.set_code(chair.office, "2580", "2580")
        self.settle()
        keys.choose(secretary.office, keys.people(secretary.office)[1][0])
        keys.set_code(treasurer.office, "7070", "7070")
        self.settle()
        keys.choose(treasurer.office, treasurer.person.member_id)
        keys.turn(treasurer.office, "1111")
        self.settle()
        return program

    def slip(self) -> Program:
        """The slip of a meeting that was closed."""
        program = self.meeting_counted("slip")
        presenter = program.pages.presenters["meeting"]
        for row in presenter.keys.rows():
            presenter.keys.turn(row.office)
            self.settle()
        presenter.close_the_meeting()
        self.wait(lambda: presenter.stage is Stage.SLIP)
        self.settle()
        return program

    def meeting_counted(self, name: str) -> Program:
        """An open meeting whose box is counted and announced."""
        name = f"{name}-{self.theme}-{self.percent}-{self.language}"
        program = self.page(name, "meeting")
        presenter = program.pages.presenters["meeting"]
        presenter.sheet.fill_usual(presenter.sheet.column_of("attendance"))
        self.settle()
        presenter.sheet.fill_usual(presenter.sheet.column_of("social"))
        self.settle()
        presenter.go_to_closing()
        for purse in presenter.closing.purses:
            count(purse)
        presenter.closing.announce(is_announced=True)
        self.settle()
        presenter.close_the_meeting()
        self.wait(lambda: presenter.stage is Stage.KEYS)
        self.settle()
        return program

    def wall(self) -> Program:
        """The big screen while a member buys shares."""
        return self._walled(BigScreen)

    def wall_strip(self) -> Program:
        """The same above the sheet, on a laptop with one screen."""
        return self._walled(WallStrip)

    def _walled(self, wall: type[BigScreen | WallStrip]) -> Program:
        program = self.meeting()
        page = meeting_part(program, SheetPage)
        page.show_wall(wall(page.followed))
        presenter = program.pages.presenters["meeting"]
        presenter.big_screen.look_at(4)
        self.settle()
        return program

    def paper_totals(self) -> Program:
        """A meeting of last week entered from paper, one column not as the paper says."""
        program = self.page("past", "meeting")
        sheet = program.pages.presenters["meeting"].sheet
        roll, social, shares = (sheet.column_of(key) for key in ("attendance", "social", "shares"))
        sheet.fill_usual(roll)
        self.settle()
        sheet.fill_usual(social)
        for row in range(sheet.row_count()):
            sheet.enter(row, shares, "2")
        self.settle()
        for part in program.window.findChildren(ControlTotalsStrip):
            part.presenter.enter("shares", str(2 * sheet.row_count()))
            part.presenter.enter("social", "9000")
            part.presenter.enter("loan_taken", "six")
        self.settle()
        return program

    def closing_count(self) -> Program:
        """The closing count, with a difference and its reason."""
        program = self.meeting()
        presenter = program.pages.presenters["meeting"]
        sheet = presenter.sheet
        sheet.enter(5, sheet.column_of("shares"), "3")
        self.settle()
        presenter.go_to_closing()
        for purse in presenter.closing.purses:
            count(purse)
        self.settle()
        return program

    def earlier(self) -> Program:
        """The entries of a closed meeting, where they are corrected."""
        program = self.page("book", "meeting")
        program.pages.presenters["meeting"].look_at_last()
        self.settle()
        return program

    def practice(self, page: str) -> Program:
        """A page of the practice book with the exercises beside it."""
        program = self.program("young")
        program.practise()
        self.wait(lambda: program.book is not None and program.book.is_practice)
        program.shell.go_to(page)
        self.settle()
        return program

    def report(self, name: str, panel: str = "", part: int = 0) -> Program:
        """A report of this year's last months, or what is asked of it, or what was kept."""
        from vsla_desktop.views.pages.reports import ReportsPage

        program = self.page("book", "reports")
        presenter = program.pages.presenters["reports"]
        page = program.window.page("reports")
        presenter.filter.form.enter("day_from", "1/9/2026")
        presenter.filter.choose("genders", "F", is_chosen=True)
        presenter.open(name)
        self.wait(lambda: presenter.made is not None or presenter.problem is not None)
        if isinstance(page, ReportsPage):
            page.wide.setChecked(self.percent > ROOMY_PERCENT)
            if panel == "filter":
                page.open_filter()
            elif panel == "saved":
                presenter.saved.enter("name", "Since September")
                presenter.saved.keep()
                page.open_saved()
                self.wait(lambda: presenter.saved.row_count() > 0)
            elif page.result is not None:
                page.result.tabs.setCurrentIndex(part % len(page.result.parts))
        self.settle()
        return program

    def office(self, page: str, *, part: int = 0, act: str = "", who: str = "") -> Program:
        """A page of head office, over a real server that runs as long as the pictures are made."""
        from office_states import NAME, PASSWORD, head_office

        from vsla_desktop.views.pages.office import OfficePage

        self.office_url = self.office_url or self.servers.enter_context(head_office(TODAY))
        program = self.start(Options(DataFolder(self.base / "office"), self.office_url))
        self.wait(lambda: program.window.current_key == "sign-in")
        self.settle()
        if page == "sign-in":
            return program
        signing = program.pages.presenters["sign-in"].form
        signing.enter("username", who or NAME)
        signing.enter("password", PASSWORD)
        signing.save()
        self.wait(lambda: program.window.current_key == "programme")
        program.shell.go_to(page)
        self.settle()
        shown = program.window.stack.currentWidget()
        if isinstance(shown, OfficePage):
            shown.tabs.setCurrentIndex(part)
            self.settle()
            if act:
                shown.presenter.do(act)
                self.settle()
        return program

    def sync(self, part: str) -> Program:
        """One part of the page about head office, with something of everything."""
        from sync_states import enrol, write_states

        from vsla_desktop.presenters.sync_page import SyncTab

        program = self.page("sync", "sync")
        enrol(program.folder.path)
        write_states(program.database, TODAY)
        presenter = program.pages.presenters["sync"]
        presenter.refresh()
        self.settle()
        presenter.turn_to(SyncTab[part])
        if part == "SETTLE":
            presenter.conflicts.go_to(0)
            presenter.conflicts.enter("value", "seven")
        self.settle()
        return program

    def sync_enrol(self) -> Program:
        """A file from head office was opened; its code is asked for."""
        from sync_states import NOBODY

        from vsla_desktop.sync import hand_over

        program = self.page("book", "sync")
        file = self.base / "kayunga-1.json"
        hand_over(NOBODY, file)
        program.pages.presenters["sync"].enrolling.choose(file)
        self.settle()
        return program

    def sync_sending(self) -> Program:
        """A run is under way, and a part of it is done."""
        program = self.sync("NOW")
        presenter = program.pages.presenters["sync"]
        presenter.auto.is_running, presenter.auto.progress = True, (120, 400)
        presenter.refresh()
        self.settle()
        return program

    def sync_locked(self) -> Program:
        """The login is locked, as after a new start."""
        from vsla_desktop.sync import enrolment

        program = self.sync("NOW")
        enrolment._KEYS.clear()  # noqa: SLF001 - as another run of the program begins
        program.pages.presenters["sync"].refresh()
        self.settle()
        return program

    def keys(self, program: Program) -> Program:
        """The key card of a page."""
        program.window.toggle_key_card()
        return program


def count(purse: PurseCounter) -> None:
    """Count what is expected of a purse, as well as notes and coins can make it."""
    left = purse.expected
    for number, piece in enumerate(currency("TZS").denominations):
        pieces, left = divmod(left, piece)
        purse.enter(number, str(int(pieces)))


def fill_funds(program: Program) -> None:
    """Write something of everything into the purses."""
    from datetime import date

    from vsla_desktop.domain.fines import FineType
    from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
    from vsla_desktop.domain.postings import Fund
    from vsla_desktop.services import expenses, fines, social
    from vsla_desktop.services.external_loans import Borrowing, borrow_outside, repay_outside
    from vsla_desktop.services.property import NewProperty, add_property

    read = program.pages.presenters["funds"].read
    group_id = program.pages.presenters["funds"].group_id
    clock, meeting = program.clock, read.meeting_id
    people = [each.member_id for each in read.people]
    with program.database.write() as session:
        asked, charge = Decimal(500), fines.charge_fine
        charge(session, meeting, people[2], FineType.PHONE, amount=asked, clock=clock)
        charge(session, meeting, people[5], FineType.MISCONDUCT, amount=asked, clock=clock)
        fine = charge(session, meeting, people[8], FineType.PHONE, amount=asked, clock=clock)
        fines.receive_fine_payment(session, meeting, people[5], Decimal(500), clock=clock)
        fines.waive_fine(session, meeting, fine.fine_id, "Her child was ill", clock=clock)
        due = date(2026, 12, 14)
        amounts = {GrantEvent.DEATH: Decimal(20000), GrantEvent.BIRTH: Decimal(5000)}
        social.set_grant_tariff(session, meeting, amounts, clock=clock)
        give = social.grant_social
        event = GrantEvent.DEATH
        give(session, meeting, people[3], Decimal(3000), event=event, reason="Mother", clock=clock)
        lend = social.advance_social
        lend(session, meeting, people[1], Decimal(2500), due_date=due, clock=clock)
        lend(session, meeting, people[6], Decimal(1500), clock=clock)
        social.repay_advance(session, meeting, people[1], Decimal(1000), clock=clock)
        spend, earn = expenses.record_expense, expenses.record_income
        pens = ExpenseKind.STATIONERY
        spend(session, meeting, Decimal(1500), "Ledger and pens", kind=pens, clock=clock)
        sold = IncomeKind.SALE
        earn(session, meeting, Decimal(12000), "Honey from the hives", kind=sold, clock=clock)
        bring = expenses.deposit_at_bank
        bring(session, meeting, Decimal(80000), clock=clock)
        bring(session, meeting, Decimal(3000), fund=Fund.SOCIAL, clock=clock)
        said, note = Decimal(82500), "Their yearly charge"
        expenses.note_bank_statement(session, group_id, said, note=note, clock=clock)
        loan = Borrowing(
            lender="Twiga Bank", amount=Decimal(150000), charge=Decimal(15000), due_date=due
        )
        borrow_outside(session, meeting, loan, clock=clock)
        paid, cost = Decimal(40000), Decimal(5000)
        repay_outside(session, meeting, "Twiga Bank", principal=paid, charge=cost, clock=clock)
        things = (("Box with three locks", 45000, 40000), ("Bench", 30000, 22000))
        for name, price, worth in things:
            new = NewProperty(
                name=name, bought_on=date(2026, 3, 2), cost=Decimal(price), value=Decimal(worth)
            )
            add_property(session, group_id, new, clock=clock)


def everybody_comes(program: Program) -> None:
    """Mark all members as present at the open meeting."""
    from vsla_desktop.domain.meeting import AttendanceStatus
    from vsla_desktop.queries.members import members_of
    from vsla_desktop.services.attendance import record_roll_call

    presenter = program.pages.presenters["share-out"]
    with program.database.write() as session:
        members = members_of(session, presenter.group_id, on=program.clock.today())
        marks = {each.member_id: AttendanceStatus.PRESENT for each in members}
        record_roll_call(session, presenter.open_meeting, marks, clock=program.clock)


def close_the_meeting(program: Program) -> None:
    """Close the open meeting with a box that agrees with the book."""
    from vsla_desktop.services.meetings import as_expected, close_meeting

    presenter = program.pages.presenters["share-out"]
    with program.database.write() as session:
        counts = as_expected(session, presenter.group_id)
        close_meeting(session, presenter.open_meeting, counts, clock=program.clock)


def meeting_part(program: Program, kind: type[P]) -> P:
    """The part of the meeting page that is shown."""
    page = program.window.page("meeting")
    if not isinstance(page, MeetingPage) or not isinstance(page.part, kind):
        message = "another part of the meeting is shown"
        raise TypeError(message)
    return page.part


def paint(screens: Screens, name: str, file: Path) -> None:
    """Paint one screen into a PNG file."""
    program = screens.named()[name]()
    window = program.window
    window.resize(*SIZE)
    window.activateWindow()
    screens.settle()
    wall = next((w for w in QApplication.topLevelWidgets() if isinstance(w, BigScreen)), None)
    if wall is not None:
        wall.resize(*SIZE)
        screens.settle()
    (wall or window).grab().save(str(file))
    if wall is not None:
        wall.close()
    window.close()
    window.deleteLater()
    program.deleteLater()
    # Now, or every later screen would be dressed together with all before it.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def main() -> None:
    """Paint what was asked for."""
    parser = argparse.ArgumentParser(description="Paint screens into PNG files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="the screens to paint; all by default")
    parser.add_argument("--large", action="store_true", help="also with text at 150 %%")
    parser.add_argument("--language", default="en")
    parser.add_argument("--light", action="store_true", help="light colours only")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    with tempfile.TemporaryDirectory() as base, ExitStack() as servers:
        screens = Screens(app, Path(base))
        screens.servers = servers
        screens.language = asked.language
        for percent in (100, 150) if asked.large else (100,):
            for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK)[: 1 if asked.light else 2]:
                screens.theme, screens.percent = theme, percent
                for name in asked.names or screens.named():
                    size = f"-{percent}" if asked.large else ""
                    file = asked.folder / f"{name}-{theme}{size}.png"
                    paint(screens, name, file)
                    print(file)
        use_language("en")


if __name__ == "__main__":
    main()
