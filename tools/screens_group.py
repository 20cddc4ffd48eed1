"""A group's first steps, its members and its loans, each as a person sees it."""

from __future__ import annotations

from picture_books import MEMBERS, TODAY
from picture_stage import Stage

from vsla_desktop.app import Program
from vsla_desktop.clock import FixedClock
from vsla_desktop.views.pages.members import MembersPage


def new_group(stage: Stage) -> Program:
    """The first step of a new group."""
    return stage.page("empty", "new-group")


def new_group_wrong(stage: Stage) -> Program:
    """The first step with what can not be taken."""
    program = new_group(stage)
    presenter = program.pages.presenters["new-group"]
    presenter.enter("name", "\N{PARTY POPPER} Tukolere")
    presenter.enter("formation_date", "31/2/2026")
    presenter.enter("village", "B" * 300)
    presenter.next()
    stage.settle()
    return program


def wizard(stage: Stage, step: int) -> Program:
    """A later step of a new group."""
    program = new_group(stage)
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
    stage.settle()
    return program


def bring_wrong(stage: Stage) -> Program:
    """A workbook with wrong cells."""
    import xlsxwriter

    file = stage.base / "wrong.xlsx"
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
    program = stage.page("empty", "bring-books")
    presenter = program.pages.presenters["bring-books"]
    presenter.choose(file)
    stage.wait(lambda: not presenter.is_working)
    stage.settle()
    return program


def taken_out(stage: Stage) -> Program:
    """The book, taken out."""
    program = stage.page("book", "take-out")
    presenter = program.pages.presenters["take-out"]
    presenter.take_out(stage.base / presenter.file_name())
    stage.wait(lambda: not presenter.is_working)
    stage.settle()
    return program


def trouble(stage: Stage) -> Program:
    """A book that can not be opened."""
    program = stage.program("damaged")
    stage.wait(lambda: program.opening.trouble is not None)
    stage.settle()
    return program


def profile(stage: Stage, name: str = "book") -> Program:
    """A member's profile."""
    program = stage.page(name, "members")
    program.pages.presenters["members"].open_row(2)
    stage.settle()
    return program


def passbook(stage: Stage) -> Program:
    """A member's passbook."""
    program = profile(stage)
    page = program.window.page("members")
    if isinstance(page, MembersPage):
        page.turn_over()
    stage.settle()
    return program


def member_act(stage: Stage, name: str) -> Program:
    """A form about a member, at an open meeting."""
    program = profile(stage, "open")
    page = program.window.page("members")
    if isinstance(page, MembersPage):
        page.act(name)
    stage.settle()
    return program


def member_leaving_by_vote(stage: Stage) -> Program:
    """A member leaves who owes more than she holds: the meeting votes on the rest."""
    from decimal import Decimal

    from vsla_desktop.domain.fines import FineType
    from vsla_desktop.services.fines import charge_fine

    program = profile(stage, "votes-leaving")
    members = program.pages.presenters["members"]
    read = members.profile.read
    member, kind, owed = read.account.member_id, FineType.MISCONDUCT, Decimal(500_000)
    with program.database.write() as session:
        charge_fine(session, read.meeting_id, member, kind, amount=owed, clock=program.clock)
    members.refresh()
    stage.settle()
    members.open_member(member)
    stage.settle()
    page = program.window.page("members")
    if isinstance(page, MembersPage):
        page.act("leave")
    stage.settle()
    return program


def member_code(stage: Stage) -> Program:
    """The treasurer changes her code; all three officers have one."""
    from vsla_desktop.queries.officers import officers_of
    from vsla_desktop.services.officers_codes import set_code

    program = stage.page("codes", "members")
    members = program.pages.presenters["members"]
    with program.database.write() as session:
        people = officers_of(session, members.group_id)
        if not people.use_codes:
            codes = ("2580", "70707", "19283746")
            for held, code in zip(people.held_by.values(), codes, strict=True):
                set_code(session, held.member_id, code, clock=FixedClock(TODAY))
    members.open_row(2)
    stage.wait(lambda: members.profile is not None)
    page = program.window.page("members")
    if isinstance(page, MembersPage):
        page.act("code")
    stage.settle()
    return program


def phone(stage: Stage) -> Program:
    """Money on the phone: some waits, some came, some did not."""
    from vsla_desktop.queries.mobile_money import Purpose, payments_of_group
    from vsla_desktop.services.mobile_money import NewPayment, record_payment, reject_payment

    program = stage.page("phone", "members")
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
    stage.settle()
    return program


def phone_form(stage: Stage) -> Program:
    """Writing down money that was sent."""
    program = stage.page("book", "members")
    page = program.window.page("members")
    if isinstance(page, MembersPage):
        page.write_payment()
    stage.settle()
    return program


def member_form(stage: Stage) -> Program:
    """A new member with a wrong field."""
    program = stage.page("book", "members")
    page = program.window.page("members")
    if isinstance(page, MembersPage):
        page.add_member()
        if page.editing is not None:
            page.editing.enter("first_name", "محمد")
            page.editing.enter("phone_number", "none")
    stage.settle()
    return program


def officers(stage: Stage) -> Program:
    """Electing officers."""
    program = stage.page("book", "members")
    page = program.window.page("members")
    if isinstance(page, MembersPage):
        page.elect()
    stage.settle()
    return program


def loan(stage: Stage, name: str = "book") -> Program:
    """One loan in full, the first of the list."""
    program = stage.page(name, "loans")
    program.pages.presenters["loans"].open_row(0)
    stage.settle()
    return program


def loan_request(stage: Stage) -> Program:
    """A member asks for a loan; what it would cost stands beside it."""
    program = stage.page("open", "loans")
    presenter = program.pages.presenters["loans"]
    presenter.ask()
    asked = {request.member_id for request in presenter.read.requests}
    people = presenter.form.around.people[4:]
    person = next(each for each in people if each.member_id not in asked)
    typed = {"member": str(person.member_id), "amount": "60000", "periods": "3"}
    for key, text in {**typed, "purpose": "Goats", "guarantors": "3, 4"}.items():
        presenter.form.enter(key, text)
    stage.settle()
    return program


def loan_asked(stage: Stage) -> Program:
    """A request with its assessment, before the vote."""
    program = loan_request(stage)
    program.pages.presenters["loans"].form.save()
    stage.settle()
    return program


def loan_loss(stage: Stage) -> Program:
    """Writing off a loan, with its effect before and after."""
    program = stage.page("open", "meeting")
    program.pages.presenters["meeting"].sheet.fill_usual(2)
    stage.settle()
    program.shell.go_to("loans")
    stage.settle()
    presenter = program.pages.presenters["loans"]
    presenter.open_row(1)
    stage.settle()
    presenter.one.do("write_off")
    stage.settle()
    presenter.form.enter("reason", "Her shop burnt")
    stage.settle()
    return program


def loan_change(stage: Stage) -> Program:
    """More money on a running loan, with its effect before and after."""
    program = loan(stage, "open")
    presenter = program.pages.presenters["loans"]
    presenter.one.do("top_up")
    stage.settle()
    presenter.form.enter("amount", "10000")
    stage.settle()
    return program


def practice(stage: Stage, page: str) -> Program:
    """A page of the practice book with the exercises beside it."""
    program = stage.program("young")
    program.practise()
    stage.wait(lambda: program.book is not None and program.book.is_practice)
    program.shell.go_to(page)
    stage.settle()
    return program
