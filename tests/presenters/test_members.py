"""All about one member, leaving, joining and money on the phone, as a person does it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.presenters.book_of_group import Ear
from tests.presenters.test_group_pages import members_page, row_of
from tests.services.village import Village
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.errors import RuleBroken
from vsla_desktop.presenters.days import write_day
from vsla_desktop.presenters.members import ALL, LEFT, MembersPresenter
from vsla_desktop.presenters.members_acts import MemberAct
from vsla_desktop.presenters.members_form import MemberFormPresenter, StandingPresenter
from vsla_desktop.presenters.members_joining import CatchUpForm
from vsla_desktop.presenters.members_leaving import PayLeaverForm, leaving_form
from vsla_desktop.presenters.members_phone import PaymentForm, PhonePresenter, RejectForm
from vsla_desktop.presenters.members_photo import (
    LARGEST_FILE,
    PhotoPresenter,
    check_picture,
    kept_photo,
)
from vsla_desktop.presenters.members_profile import ProfilePresenter
from vsla_desktop.presenters.members_savings import TargetForm, WithdrawForm
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.lines import member_lines
from vsla_desktop.queries.tables import ATTENDANCE, GROUP_SAVING_TYPES
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services.cells import set_saving, set_shares
from vsla_desktop.services.expenses import record_income
from vsla_desktop.services.loans import LoanTerms, disburse_loan
from vsla_desktop.services.members import set_photo

D = Decimal


def looked_at(page: MembersPresenter, place: int) -> ProfilePresenter:
    page.open_member(page.members[place].member_id)
    assert page.profile is not None
    return page.profile


def typed(act: MemberAct, **texts: str) -> str:
    for key, text in texts.items():
        act.enter(key, text)
    return act.save()


# ---------------------------------------------------------------------- the list


def test_the_list_is_put_in_the_order_of_numbers_or_names(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    form = MemberFormPresenter(page, page.members[0], page.refresh)
    form.enter("first_name", "zahra")
    form.save()
    page.sort_by("name")
    assert [row_of(page, row)["number"] for row in range(5)] == ["2", "3", "4", "5", "1"]
    page.sort_by("number")
    assert row_of(page, 0)["name"] == "zahra Nakato"


# ---------------------------------------------------------------------- the profile


def test_a_profile_says_who_a_member_is_and_what_she_holds_and_owes(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    form = MemberFormPresenter(page, page.members[1], page.refresh)
    for key, text in (("occupation", " Tailor "), ("date_of_birth", "3/12/1990")):
        form.enter(key, text)
    assert form.save() == ""
    profile = looked_at(page, 1)
    assert dict(profile.facts()) == {
        "Number": "2",
        "Office": "Member",
        "Standing": "Active",
        "Gender": "Female",
        "Born on": "3 Dec 1990",
        "Occupation": "Tailor",
        "Joined on": "5 Jan 2026",
    }
    assert dict(profile.holdings()) == {"5 shares": "2,500", "Worth today": "2,500"}
    assert [(title, said) for title, said, _tone in profile.debts()] == [
        ("Loan", "0"),
        ("Fines", "250"),
        ("Advances", "0"),
    ]
    assert profile.attendance() == ("Came 1 of 1 times", "100 %")
    changing = MemberFormPresenter(
        page, profile.member, page.refresh, occupation="Tailor", born=profile.profile.born
    )
    assert changing.form.text("date_of_birth") == "3 Dec 1990"


def test_a_profile_stands_beside_the_mean_of_the_active_members(met: Village, ear: Ear) -> None:
    profile = looked_at(members_page(met, ear), 1)
    amounts, times = ([(e.title, e.own, e.mean) for e in half] for half in profile.summary())
    # 8 shares of 500 and one fine of 250 among five members, who each gave 200.
    assert amounts == [
        ("Shares", "2,500", "800"),
        ("All savings", "2,500", "800"),
        ("Given to the social fund", "200", "200"),
        ("Fines charged", "250", "50"),
        ("Fines owed", "250", "50"),
    ]
    assert times == [
        ("Shares", "5", "1.60"),
        ("Fines", "1", "0.20"),
        ("Attendance", "100 %", "100 %"),
        ("Meetings with savings", "1", "0.40"),
    ]
    assert profile.summary_note() == "Mean: of the 5 active members, each counted once."


def test_a_profile_says_why_a_member_may_not_borrow(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    profile = looked_at(page, 4)
    assert profile.may_borrow() == ("Not ready for a loan:", Tone.WARNING)
    assert profile.reasons()[0] == "Member for 0 months; the group asks for 3."
    assert "Savings are 0; the group asks for 500." in profile.reasons()
    StandingPresenter(page, page.refresh).suspend(profile.member.member_id)
    profile = looked_at(page, 4)
    assert profile.may_borrow()[0] == "Only active members borrow."
    assert profile.reasons() == ()
    assert dict(profile.facts())["Standing"].startswith("Suspended")
    assert profile.standing_acts() == (("take-back", "Take back"),)


def test_an_entry_is_put_right_from_the_line_of_the_passbook(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    looked_at(page, 1)
    assert page.passbook is not None
    page.passbook.open_row(0)
    assert ear.pages == ["cashbook"]
    wanted = ear.shell.take_entry_to_correct()
    with met.database.read() as session:
        lines = member_lines(session, page.members[1].member_id)
    assert wanted in {line.transaction_id for line in lines}


def test_a_mark_is_put_right_from_the_line_of_the_passbook(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    looked_at(page, 1)
    assert page.passbook is not None
    meeting = page.passbook.book.lines[-1].meeting_id
    page.passbook.correct_mark(0)
    assert ear.pages == ["meeting"]
    assert ear.shell.take_mark_to_correct() == (meeting, page.members[1].member_id)
    with met.at_work() as session:
        this = ATTENDANCE.c.member_id == page.members[1].member_id
        right = {"corrected_status": "EXCUSED", "corrected_meeting_id": meeting}
        session.execute(update(ATTENDANCE).where(this), right)
    looked_at(page, 1)
    mark = page.passbook.cell(0, 2)
    assert (mark.text, mark.tooltip) == ("Excused", "Put right; it was Present.")


def test_a_target_is_set_and_its_progress_shown(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    met.meet()
    with met.at_work() as session:
        member = page.members[0].member_id
        set_saving(session, met.meeting_id, member, "TARGET", D(5000), clock=met.clock)
    profile = looked_at(page, 0)
    assert profile.target() == ("No target yet.", 0)
    form = TargetForm(page, profile.read, page.refresh)
    assert typed(form, amount="-3") == "amount"
    form.enter("amount", "15 000")
    assert dict(form.rows()) == {"Saved so far": "5,000", "Still to save": "10,000"}
    assert form.save() == ""
    profile = looked_at(page, 0)
    assert profile.target() == ("5,000 of 15,000 saved", 33)
    assert dict(profile.holdings())["Target savings"] == "5,000"


def test_savings_beside_shares_are_paid_back_by_the_rules_of_their_kind(
    met: Village, ear: Ear
) -> None:
    page = members_page(met, ear)
    assert not looked_at(page, 0).can_withdraw
    met.meet()
    with met.at_work() as session:
        member = page.members[0].member_id
        for code, amount in (("ECD", D(900)), ("TARGET", D(5000))):
            set_saving(session, met.meeting_id, member, code, amount, clock=met.clock)
    profile = looked_at(page, 0)
    assert profile.can_withdraw
    form = WithdrawForm(page, profile.read, page.refresh)
    assert [choice.title for choice in form.fields()[0].choices] == [
        "Childcare fund",
        "Target savings",
    ]
    assert typed(form, amount="1000") == ""
    assert form.form.sentence("amount").startswith("Pay back at most 900.")
    form.enter("amount", "300")
    assert form.rows() == (("Held now", "900"), ("Pay now", "300"), ("Held after it", "600"))
    assert form.save() == ""
    assert met.funds().ecd == D(600)
    with met.at_work() as session:
        session.execute(update(GROUP_SAVING_TYPES).values(allows_withdrawal=False))
    again = WithdrawForm(page, looked_at(page, 0).read, page.refresh)
    assert typed(again, kind="TARGET", amount="100") == ""
    assert again.form.sentence("kind").startswith("Keep these savings until the share-out.")
    assert verify_all(met.database).ok


# ---------------------------------------------------------------------- leaving


def saved_and_earned(village: Village, **rules: Any) -> None:
    """Open a meeting at which the first member holds 8 shares and the group has earned 500."""
    village.ruled(**rules)
    village.meet(present=True)
    with village.at_work() as session:
        first, meeting = village.members[0], village.meeting_id
        set_shares(session, meeting, first, 5, clock=village.clock)
        record_income(session, meeting, D(1300), "Gift", clock=village.clock)


def test_a_leaver_sees_her_account_before_it_is_paid_and_the_rest_later(
    met: Village, ear: Ear
) -> None:
    page = members_page(met, ear)
    saved_and_earned(met)
    form = leaving_form(page, looked_at(page, 0).read, page.refresh)
    assert form.rows() == (
        ("8 shares at 500, as paid in", "4,000"),
        ("Paid to the member", "4,000"),
    )
    assert form.form.text("paid") == "4,000"
    assert typed(form) == "reason"
    form.enter("reason", "MOVED")
    assert typed(form, paid="5000") == ""
    assert "Other savings are paid at once." in form.form.sentence("paid")
    form.enter("paid", "1500")
    assert form.sentence().startswith("Now 1,500 (")
    assert form.sentence().endswith("2,500 stays owed to the member.")
    assert form.save() == ""
    page.refresh()
    assert page.row_count() == 4
    page.show(LEFT)
    assert page.row_count() == 1
    assert row_of(page, 0)["standing"] == "Moved away · owed 2,500"

    profile = looked_at(page, 0)
    assert dict(profile.holdings())["The group still owes"] == "2,500"
    assert profile.standing_acts()[0] == ("pay", "Pay a part …")
    part = PayLeaverForm(page, profile.read, page.refresh)
    assert typed(part, amount="2600") == ""
    assert "So much is still owed" in part.form.sentence("amount")
    part.enter("amount", "1000")
    assert part.rows()[-1] == ("Owed after it", "1,500")
    assert part.save() == ""
    assert looked_at(page, 0).member.owed_to == D(1500)
    StandingPresenter(page, page.refresh).take_back(profile.member.member_id)
    assert page.row_count() == 0
    page.show(ALL)
    assert row_of(page, 0)["standing"].startswith("Member · owed 1,500")
    assert page.row_count() == 5
    assert looked_at(page, 0).standing_acts()[0] == ("pay", "Pay a part …")
    assert verify_all(met.database).ok


def test_what_the_box_can_not_pay_is_said_where_it_was_typed(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    saved_and_earned(met)
    with met.at_work() as session:
        terms = LoanTerms(principal=D(7000))
        disburse_loan(session, met.meeting_id, met.members[1], terms, clock=met.clock)
    form = leaving_form(page, looked_at(page, 0).read, page.refresh)
    assert typed(form, reason="LEFT") == ""
    assert form.form.sentence("paid").startswith("The fund holds")
    assert ear.said == []
    assert typed(form, paid="500") == ""
    assert looked_at(page, 0).member.owed_to == D(3500)
    assert verify_all(met.database).ok


def test_who_owes_more_than_she_holds_stays_unless_the_rest_is_given_up(
    met: Village, ear: Ear
) -> None:
    page = members_page(met, ear)
    saved_and_earned(met)
    with met.at_work() as session:
        terms = LoanTerms(principal=D(5000))
        disburse_loan(session, met.meeting_id, met.members[1], terms, clock=met.clock)
    form = leaving_form(page, looked_at(page, 1).read, page.refresh)
    assert dict(form.rows())["Fines"] == "\N{MINUS SIGN}250"
    assert form.rows()[-1][0] == "Given up by vote"
    assert form.sentence() == "Take a payment first, or vote to write it off."
    assert typed(form, reason="LEFT") == "in_favour"
    assert typed(form, in_favour="1", against="4") == ""
    assert ear.said[-1] == "The vote was lost. Nothing is changed."
    assert page.row_count() == 5
    form = leaving_form(page, looked_at(page, 1).read, page.refresh)
    assert typed(form, reason="DIED", in_favour="5") == ""
    assert page.row_count() == 4
    assert verify_all(met.database).ok


def test_nobody_leaves_without_an_open_meeting(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    form = leaving_form(page, looked_at(page, 0).read, page.refresh)
    assert form.rows()[-1] == ("Paid to the member", "1,500")
    assert form.problem() == "No meeting is open. Money moves at meetings only."
    assert typed(form, reason="DIED") == ""
    assert ear.said == ["Open a meeting first. Money moves at meetings only."]
    assert page.row_count() == 5


# ---------------------------------------------------------------------- joining


def test_a_new_member_sees_what_catching_up_costs_and_buys(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    met.meet(present=True)
    new = MemberFormPresenter(page, None, page.refresh)
    for key, text in (("first_name", "Grace"), ("gender", "F")):
        new.enter(key, text)
    assert new.save() == ""
    assert new.to_open == page.members[5].member_id
    profile = looked_at(page, 5)
    offer = profile.read.offer
    assert profile.can_catch_up
    assert offer is not None
    form = CatchUpForm(page, profile.read, offer, page.refresh)
    assert form.note("shares") == "At most 5: what the meetings so far allowed."
    assert typed(form, shares="6") == ""
    assert "Catch up with 1 to 5." in form.form.sentence("shares")
    form.enter("shares", "4")
    assert form.rows() == (
        ("One, as paid in", "500"),
        ("Into the savings", "2,000"),
        ("To pay", "2,000"),
    )
    assert form.save() == ""
    assert row_of(page, 5)["shares"] == "4"
    assert looked_at(page, 5).read.offer is not None
    assert verify_all(met.database).ok


def test_who_joins_at_a_meeting_that_is_entered_days_later_catches_up_there(
    met: Village, ear: Ear
) -> None:
    met.meet(present=True)
    met.clock.instant += timedelta(days=3)
    page = members_page(met, ear)
    new = MemberFormPresenter(page, None, page.refresh)
    assert new.form.text("joined_date") == write_day(met.day)
    for key, text in (("first_name", "Grace"), ("gender", "F")):
        new.enter(key, text)
    assert new.save() == ""
    assert looked_at(page, 5).can_catch_up
    late = MemberFormPresenter(page, None, page.refresh)
    joined = write_day(met.clock.today())
    for key, text in (("first_name", "Halima"), ("gender", "F"), ("joined_date", joined)):
        late.enter(key, text)
    assert late.save() == ""
    assert not looked_at(page, 6).can_catch_up


def test_catching_up_at_todays_value_says_what_is_income(book: Any, ear: Ear) -> None:
    village = Village(book).ruled(joiner_rule=ValueRule.CURRENT_VALUE)
    village.form()
    saved_and_earned(village)
    village.close()
    village.meet(present=True)
    page = members_page(village, ear)
    new = MemberFormPresenter(page, None, page.refresh)
    for key, text in (("first_name", "Grace"), ("gender", "F")):
        new.enter(key, text)
    new.save()
    assert not looked_at(page, 1).can_catch_up  # here from the first day
    profile = looked_at(page, 5)
    assert profile.read.offer is not None
    form = CatchUpForm(page, profile.read, profile.read.offer, page.refresh)
    form.enter("shares", "2")
    assert form.rows() == (
        ("One, worth today", "760"),
        ("Into the savings", "1,000"),
        ("Above face value: income", "520"),
        ("To pay", "1,520"),
    )
    box = village.funds().box
    assert form.save() == ""
    assert village.funds().box - box == D(1520)


# ---------------------------------------------------------------------- money on the phone


def phone_row(phone: PhonePresenter, row: int) -> dict[str, str]:
    keys = [column.key for column in phone.columns()]
    return {key: phone.cell(row, place).text for place, key in enumerate(keys)}


def test_money_on_the_phone_is_written_down_and_counts_when_it_came(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    phone = PhonePresenter(page)
    phone.refresh()
    assert phone.summary() == "Nothing waits."
    form = PaymentForm(page, phone.refresh)
    assert form.save() == "member"
    first = str(page.members[0].member_id)
    wrong = typed(form, member=first, purpose="SHARES", amount="700", reference="mp 1")
    assert wrong == ""
    assert form.form.sentence("phone_number").startswith("Enter a phone number.") or (
        form.form.sentence("amount")
    )
    assert typed(form, amount="1000", phone_number="0772 1") == ""
    assert phone_row(phone, 0) == {
        "number": "1",
        "name": "Amina Nakato",
        "day": "6 Jan 2026",
        "purpose": "Shares",
        "amount": "1,000",
        "reference": "MP1",
        "standing": "Waits",
    }
    twice = PaymentForm(page, phone.refresh)
    typed(
        twice, member=first, purpose="SOCIAL", amount="200", reference="M p1", phone_number="0772"
    )
    assert twice.form.sentence("reference").startswith("This reference was used before.")

    phone.verify(0)
    assert ear.said[-1] == "Open a meeting first. Money moves at meetings only."
    met.meet()
    phone.refresh()
    assert phone.summary() == "1 payment waits, 1,000 UGX."
    phone.open_row(0)
    assert ear.said[-1] == "1,000 of Amina Nakato came."
    assert phone_row(phone, 0)["standing"] == "It came"
    assert row_of(page, 0)["shares"] == "5"
    phone.verify(0)
    assert row_of(page, 0)["shares"] == "5"
    assert phone.to_reject(0) is None


def test_money_that_did_not_come_is_rejected_with_a_reason(met: Village, ear: Ear) -> None:
    page = members_page(met, ear)
    phone = PhonePresenter(page)
    form = PaymentForm(page, phone.refresh)
    who = str(page.members[2].member_id)
    typed(form, member=who, purpose="SOCIAL", amount="200", reference="X9", phone_number="0772 1")
    payment = phone.to_reject(0)
    assert payment is not None
    reject = RejectForm(page, payment, phone.refresh)
    assert reject.title() == "200 of Chantal Uwase did not come"
    reject.save()
    assert reject.form.sentence("reason") == "Say why."
    assert typed(reject, reason="No message") == ""
    assert phone_row(phone, 0)["standing"] == "Did not come"
    assert met.funds().social == D(1000)


# ---------------------------------------------------------------------- photographs


def test_a_photo_is_kept_under_a_name_of_ours_and_taken_away(
    met: Village, ear: Ear, tmp_path: Path
) -> None:
    page = members_page(met, ear)
    member = page.members[0].member_id
    documents = page.folder / "documents"
    for picture in (b"one", b"two"):
        profile = looked_at(page, 0).profile
        PhotoPresenter(page, member, profile.photo_path).keep(picture)
        kept = kept_photo(page.folder, looked_at(page, 0).profile.photo_path)
        assert kept is not None
        assert kept.read_bytes() == picture
        assert list(documents.iterdir()) == [kept]  # the one before is gone
    PhotoPresenter(page, member, looked_at(page, 0).profile.photo_path).remove()
    assert looked_at(page, 0).profile.photo_path == ""
    assert list(documents.iterdir()) == []
    outside = tmp_path / "secret.jpg"
    outside.write_bytes(b"x")
    for path in (str(outside), "../secret.jpg", "documents/../../secret.jpg", "documents/a.jpg"):
        assert kept_photo(page.folder, path) is None
    for path in (str(outside), "documents/../x.jpg", "C:\\x.jpg"):
        with pytest.raises(RuleBroken), met.at_work() as session:
            set_photo(session, member, path, clock=met.clock)


def test_only_pictures_of_a_reasonable_size_are_taken(tmp_path: Path) -> None:
    text = tmp_path / "note.txt"
    text.write_text("x")
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    for file_path, said in (
        (text, "Choose a picture."),
        (large, "Choose a smaller picture."),
        (tmp_path / "none.png", "This file can not be read."),
    ):
        with pytest.raises(RuleBroken, match=said):
            check_picture(file_path)
