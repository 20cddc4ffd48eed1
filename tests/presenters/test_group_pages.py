"""Home, members and cashbook of a group that has met once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.presenters.book_of_group import Ear
from tests.services.village import Village
from vsla_desktop.db import Database
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.presenters.home import (
    HomePresenter,
    HomeState,
    keep_snapshot,
    load_snapshot,
)
from vsla_desktop.presenters.members import MembersPresenter
from vsla_desktop.presenters.members_form import (
    MemberFormPresenter,
    OfficersPresenter,
)
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.services.schedule import Plan, cancel_meeting, plan_meeting

UGX = CURRENCIES["UGX"]


def home_of(village: Village, ear: Ear) -> HomeState:
    presenter = HomePresenter(
        lambda: village.database, InlineRunner(), ear.shell, village.group_id, village.clock
    )
    presenter.refresh()
    assert presenter.state is not None
    return presenter.state


def members_page(village: Village, ear: Ear) -> MembersPresenter:
    presenter = MembersPresenter(
        village.database,
        InlineRunner(),
        ear.shell,
        group_id=village.group_id,
        currency=UGX,
        clock=village.clock,
        folder=village.database.path.parent if village.database.path else Path(),
    )
    presenter.refresh()
    return presenter


def row_of(presenter: MembersPresenter, row: int) -> dict[str, str]:
    return {
        column.key: presenter.cell(row, place).text
        for place, column in enumerate(presenter.columns())
    }


# ---------------------------------------------------------------------- home


def test_home_says_where_the_group_stands(met: Village, ear: Ear) -> None:
    state = home_of(met, ear)
    assert {card.key: card.figure for card in state.cards} == {
        "members": "5",
        "savings": "4,000",
        "loans": "0",
        "fines": "250",
    }
    assert state.purses == (
        ("In the box", "5,000"),
        ("Loan fund", "4,000"),
        ("Social fund", "1,000"),
    )
    assert state.action == "Open meeting 2"
    assert state.next_meeting == "Monday 12 January 2026"
    assert state.not_sent.endswith("records are only on this laptop.")
    assert ear.shell.state.group_name == "Twisungane"


def test_home_of_a_new_group_says_the_first_step(book: Database, ear: Ear) -> None:
    state = home_of(Village(book).form(), ear)
    assert state.step == "Count the box, then open the first meeting."
    assert state.next_meeting == "The first meeting"
    assert state.action == "Open meeting 1"


def test_home_names_the_meetings_to_come(met: Village, ear: Ear) -> None:
    with met.at_work() as session:
        plans = [
            Plan(day=date(2026, 1, day), kind="SPECIAL", location="The school", purpose="A vote")
            for day in (20, 27)
        ]
        _first, second = (
            plan_meeting(session, met.group_id, plan, clock=met.clock) for plan in plans
        )
        cancel_meeting(session, second, "No teacher", clock=met.clock)
    state = home_of(met, ear)
    assert state.planned == ("Special, 20 Jan 2026: planned. The school. A vote.",)
    assert state.next_meeting == "Monday 12 January 2026"


def test_home_goes_on_with_an_open_meeting(met: Village, ear: Ear) -> None:
    met.meet()
    state = home_of(met, ear)
    assert state.action == "Go on with meeting 2"
    assert state.next_meeting == "Open since Monday 12 January 2026"


def test_what_home_showed_holds_only_for_the_same_book_on_the_same_day(
    met: Village, ear: Ear
) -> None:
    state = home_of(met, ear)
    path = met.database.path
    assert path is not None
    today = met.clock.today()
    met.database.close()
    keep_snapshot(path.parent, path, state, today)
    assert load_snapshot(path.parent, path, today) == state
    assert load_snapshot(path.parent, path, today + timedelta(days=1)) is None
    met.meet()
    assert load_snapshot(path.parent, path, today) is None
    (path.parent / "home.json").write_text('{"stamp": 1}', encoding="utf-8")
    assert load_snapshot(path.parent, path, today) is None


# ---------------------------------------------------------------------- members


def test_members_are_listed_in_the_order_of_their_numbers(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    assert row_of(page, 1) == {
        "number": "2",
        "name": "Beatrice Auma",
        "standing": "Member",
        "shares": "5",
        "savings": "2,500",
        "loan": "0",
        "fines": "250",
        "attendance": "100 %",
    }
    assert page.summary() == "5 members, 5 women"


@pytest.mark.parametrize(
    ("typed", "found"),
    [("3", ["Chantal Uwase"]), ("oKe", ["Daudi Okello"]), ("zz", []), ("33", [])],
)
def test_a_member_is_found_by_number_or_name(
    met: Village, ear: Ear, typed: str, found: list[str]
) -> None:
    page = members_page(met, ear)
    page.find(typed)
    assert [row_of(page, row)["name"] for row in range(page.row_count())] == found


def test_a_member_is_added_with_sentences_at_the_fields(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    saved: list[bool] = []
    form = MemberFormPresenter(page, None, lambda: saved.append(True))
    assert form.form.text("number") == "6"
    for key, text in (("first_name", "B" * 101), ("phone_number", "none")):
        form.enter(key, text)
    assert form.save() == "first_name"
    assert form.form.sentence("first_name").startswith("Enter at most 100 characters.")
    assert form.form.sentence("gender") == "Choose F, M or Other."
    for key, text in (("first_name", "سعاد"), ("gender", "F"), ("phone_number", "0772 1234")):
        form.enter(key, text)
    form.enter("joined_date", "1/1/2026")
    form.save()
    assert form.form.sentence("joined_date") == (
        "Choose a day from 5 Jan 2026 on. The group was formed that day."
    )
    form.enter("joined_date", "t")
    assert form.save() == ""
    assert saved == [True]
    page.refresh()
    assert row_of(page, 5)["name"] == "سعاد"


def test_a_member_is_changed_and_keeps_the_number(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    form = MemberFormPresenter(page, page.members[0], page.refresh)
    assert "number" not in {field.key for field in form.fields()}
    form.enter("last_name", "Nakato Babirye")
    form.enter("phone_number", "+256 772 000111")
    assert form.save() == ""
    assert (page.members[0].name, page.members[0].phone_number) == (
        "Amina Nakato Babirye",
        "+256 772 000111",
    )


def test_officers_are_elected(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    officers = OfficersPresenter(page, page.refresh)
    assert officers.save() == "chairperson"
    ids = [str(member.member_id) for member in page.members]
    for key, who in zip(("chairperson", "secretary", "treasurer"), ids, strict=False):
        officers.enter(key, who)
    officers.enter("key_1", ids[0])
    assert officers.save() == "key_1"
    officers.enter("key_1", ids[3])
    assert officers.save() == ""
    assert [row_of(page, row)["standing"] for row in range(5)] == [
        "Chairperson",
        "Secretary",
        "Treasurer",
        "Key-holder",
        "Member",
    ]
    again = OfficersPresenter(page, page.refresh)
    assert again.form.text("treasurer") == ids[2]


def test_a_passbook_reads_as_the_paper_one(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    page.open_row(1)
    book = page.passbook
    assert book is not None
    assert book.title() == "2  Beatrice Auma"
    titles = [column.key for column in book.columns()]
    line = {key: book.cell(0, place).text for place, key in enumerate(titles)}
    assert line == {
        "day": "5 Jan 2026",
        "meeting": "1",
        "mark": "Present",
        "shares": "5",
        "saved": "2,500",
        "held": "2,500",
        "social": "200",
        "fine": "250",
        "paid": "0",
        "loan": "0",
        "repaid": "0",
    }
    assert book.figures()[0][:3] == ("Savings", "2,500", "5 shares")
