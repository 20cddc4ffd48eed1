"""Officers set and change their codes on the page of members, and key-holders are elected."""

from __future__ import annotations

import pytest

from tests.presenters.book_of_group import Ear
from tests.presenters.test_group_pages import members_page
from tests.presenters.test_members import looked_at, typed
from tests.services.village import Village
from vsla_desktop.presenters.members import MembersPresenter
from vsla_desktop.presenters.members_code import CodeForm
from vsla_desktop.presenters.members_form import OfficersPresenter
from vsla_desktop.services.members import NewMember, add_member

OFFICES = ("chairperson", "secretary", "treasurer")
CODES = ("2580", "70707", "19283746")


def elect(page: MembersPresenter, **places: int) -> OfficersPresenter:
    officers = OfficersPresenter(page, page.refresh)
    for office, place in places.items():
        officers.enter(office, str(page.members[place].member_id))
    return officers


@pytest.fixture
def page(met: Village, ear: Ear) -> MembersPresenter:
    page = members_page(met, ear)
    assert elect(page, chairperson=0, secretary=1, treasurer=2).save() == ""
    return page


def code_form(page: MembersPresenter, place: int) -> CodeForm:
    profile = looked_at(page, place)
    officer = profile.officer()
    assert officer is not None
    return CodeForm(page, profile.read.officers, officer, lambda: None)


def code_of(page: MembersPresenter, place: int) -> str:
    return dict(looked_at(page, place).facts()).get("Code", "")


def test_an_officer_sets_and_changes_her_code(page: MembersPresenter) -> None:
    assert looked_at(page, 3).officer() is None
    assert code_of(page, 0) == "None yet"
    assert looked_at(page, 0).code_acts() == (("code", "Set code …"),)
    form = code_form(page, 0)
    assert [field.key for field in form.fields()] == ["code", "again"]
    typed(form, code="2580", again="2508")
    assert form.form.sentence("again") == "Type the same code twice."
    assert form.form.text("code") == ""  # nothing secret stays
    typed(form, code="1234", again="1234")
    assert form.form.sentence("code") == "Choose a code that is harder to guess."
    typed(form, code="2580", again="2580")
    assert code_of(page, 0) == "Has one of her own"
    change = code_form(page, 0)
    assert [field.key for field in change.fields()] == ["old", "code", "again"]
    typed(change, old="", code="8642", again="8642")
    assert change.form.sentence("old") == "Type the code until now."
    typed(change, old="1379", code="8642", again="8642")
    assert change.form.sentence("old") == "This code is not right."
    typed(change, old="2580", code="8642", again="8642")
    again = code_form(page, 0)
    typed(again, old="8642", code="2580", again="2580")
    assert again.form.sentence("old") == ""


def test_a_forgotten_code_is_set_anew_with_the_codes_of_the_two_others(
    page: MembersPresenter,
) -> None:
    for place, code in enumerate(CODES):
        typed(code_form(page, place), code=code, again=code)
    form = code_form(page, 0)
    assert [field.title for field in form.fields()][-2:] == [
        "Secretary: code",
        "Treasurer: code",
    ]
    one = {"code": "8642", "again": "8642", "code_SECRETARY": CODES[1]}
    typed(form, **one)
    assert form.form.sentence("old") == "Type the code until now."
    typed(form, **one, code_TREASURER="4711")
    assert form.form.sentence("code_TREASURER") == "This code is not right."
    typed(form, **one, code_TREASURER=CODES[2])
    typed(form, old="8642", code="2580", again="2580", code_SECRETARY="", code_TREASURER="")
    assert [form.form.sentence(field.key) for field in form.fields()] == [""] * 5


def test_who_is_newly_elected_chooses_her_own_code(page: MembersPresenter) -> None:
    for place, code in enumerate(CODES):
        typed(code_form(page, place), code=code, again=code)
    assert elect(page, chairperson=3).save() == ""
    assert [code_of(page, place) for place in (0, 1, 2, 3)] == [
        "",
        "Has one of her own",
        "Has one of her own",
        "None yet",
    ]
    typed(code_form(page, 3), code="8642", again="8642")
    assert code_of(page, 3) == "Has one of her own"


def test_three_key_holders_outside_the_committee_are_elected(
    met: Village, page: MembersPresenter
) -> None:
    assert page.warning() == ""  # a group of five has nobody to spare
    with met.at_work() as session:
        for first in ("Faith", "Grace", "Hope"):
            new = NewMember(first_name=first, last_name="Akello", gender="F")
            add_member(session, met.group_id, new, clock=met.clock)
    page.refresh()
    said = "Name three key-holders. They hold no other office."
    assert page.warning() == said
    officers = elect(page, counter_1=3, counter_2=4, key_1=5, key_2=6)
    assert officers.save() == "key_3"
    assert officers.form.sentence("key_3") == said
    officers.enter("key_3", str(page.members[0].member_id))
    assert officers.save() == "key_3"
    assert officers.form.sentence("key_3") == "Choose another member. Elect each once."
    officers.enter("key_3", str(page.members[7].member_id))
    assert officers.save() == ""
    assert page.warning() == ""
