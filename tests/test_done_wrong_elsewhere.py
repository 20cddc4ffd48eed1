"""What existing programs get wrong, each by its name; what concerns loans stands with the loans."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vsla_desktop
from tests.cycle.invariants import check_all
from tests.db.books import new_book
from tests.services.village import Village
from vsla_desktop.db.backup import backup, restore
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import ProfitRule
from vsla_desktop.domain.share_out import Holdings, PayoutRules, Stake, share_out
from vsla_desktop.errors import RuleBroken, StorageError
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.expenses import deposit_at_bank, record_expense
from vsla_desktop.services.savings import record_shares
from vsla_desktop.services.workbook import import_workbook

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal
OFFLINE = """
import socket
def refuse(*_arguments):
    raise OSError("there is no network")
socket.socket.connect = refuse
from vsla_desktop.cli import main
main()
"""


def test_a_share_out_pool_that_includes_charges_not_yet_collected_or_leaves_fines_out() -> None:
    """What is in the pool is cash, with the fines in it, and debts that are really set off."""
    fine_paid, charge_owed = D(300), D(1000)
    rich = Stake(member_id=1, shares=10, savings=D(10_000), fines_paid=fine_paid)
    poor = Stake(member_id=2, shares=1, savings=D(1000), debts=D(4000) + charge_owed)
    cash = D(7000) + fine_paid
    made = share_out([rich, poor], Holdings(cash=cash), PayoutRules(unit=D(1)))
    poorer = made.lines[1]
    assert poorer.set_off == poorer.entitled < poor.debts
    assert made.pool == cash + poorer.set_off
    assert made.payouts <= cash


def test_cash_in_the_box_that_forgets_bank_movements_and_expenses(database: Database) -> None:
    village = Village(database).form()
    village.meet(present=True)
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        cells.set_shares(session, meeting, village.members[0], 5, clock=clock)
        record_expense(session, meeting, D(300), "Pens", clock=clock)
        deposit_at_bank(session, meeting, D(1000), fund=Fund.LOAN_FUND, clock=clock)
    with database.read() as session:
        held = fund_balances(session, village.group_id)
        check_all(session, village.group_id)
    assert (held.loan_fund, held.bank, held.box) == (D(2200), D(1000), D(1200))


def test_money_as_floating_point() -> None:
    """No float is written in the rules, the services or what is read."""
    package = Path(vsla_desktop.__file__).parent
    found = []
    for folder in ("domain", "services", "queries", "derived", "capture"):
        for file in sorted((package / folder).rglob("*.py")):
            if {"practice", "workbook"} & set(file.parts):  # dice, and widths of columns
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                written = isinstance(node, ast.Constant) and isinstance(node.value, float)
                made = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float"
                if isinstance(node, ast.expr) and (written or made):
                    found.append(f"{file.name}:{node.lineno}")
    assert found == []


def test_mistakes_that_can_not_be_corrected_after_the_meeting(database: Database) -> None:
    """An entry of any closed meeting is put right, and its seal stays whole."""
    village = Village(database).form()
    village.meet(present=True)
    with village.at_work() as session:
        first = village.members[0]
        entry = record_shares(session, village.meeting_id, first, 5, clock=village.clock)
    village.close()
    for _meeting in range(2):
        village.meet(present=True)
        village.close()
    village.meet(present=True)
    with village.at_work() as session:
        correct_entry(
            session,
            village.meeting_id,
            entry.transaction_id,
            D(1500),
            "She bought three",
            clock=village.clock,
        )
    with database.read() as session:
        assert fund_balances(session, village.group_id).loan_fund == D(1500)
        assert [check.broken for check in verify_seals(session, village.group_id)] == [""] * 3
        lines = group_lines(session, village.group_id)
        shown = [(line.effect, line.is_correction) for line in lines]
    assert (D(-2500), True) in shown
    assert (D(1500), True) in shown


def test_restoring_that_first_wipes(data_dir: Path) -> None:
    """A copy that is damaged changes nothing; a good one keeps the book that stood there."""
    book = data_dir / "vsla.db"
    database = new_book(book)
    Village(database).form()
    database.close()
    good, bad = data_dir / "good.db", data_dir / "bad.db"
    backup(book, good)
    bad.write_bytes(good.read_bytes()[:4000])
    before = book.read_bytes()
    with pytest.raises(StorageError):
        restore(bad, book, now=datetime(2026, 2, 1))  # noqa: DTZ001 - UTC, as stored
    assert book.read_bytes() == before
    kept = restore(good, book, now=datetime(2026, 2, 1))  # noqa: DTZ001 - UTC, as stored
    assert kept is not None
    assert kept.read_bytes() == before


@pytest.mark.parametrize("rule", ProfitRule)
def test_rounding_that_loses_or_makes_coins(rule: ProfitRule) -> None:
    stakes = [
        Stake(
            member_id=number,
            shares=number,
            savings=D(number * 700),
            charges_paid=D(number * 13),
            fines_paid=D(number * 7),
        )
        for number in range(1, 8)
    ]
    rules = PayoutRules(unit=D(50), profit_rule=rule, savings_percentage=60)
    made = share_out(stakes, Holdings(cash=D("23456.78")), rules)
    assert made.proof.holds
    assert sum((line.exact for line in made.lines), Fraction(0)) == Fraction(made.loan_pool)
    assert all(line.payout % 50 == 0 for line in made.lines)
    assert made.remainder == made.pool - made.payouts


def test_errors_that_say_nothing() -> None:
    """Every refusal in the program is a sentence that begins with a capital and ends."""
    package = Path(vsla_desktop.__file__).parent
    silent = []
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id not in {"RuleBroken", "StorageError", "SyncError"} or not node.args:
                continue
            said = node.args[0]
            if isinstance(said, ast.Constant) and not _is_sentence(str(said.value)):
                silent.append(f"{file.name}:{node.lineno} {said.value!r}")
    assert silent == []
    with pytest.raises(RuleBroken) as refused:
        raise RuleBroken("Pay at most {most}.", hint="This pays all fines.", most="500")
    assert str(refused.value) == "Pay at most 500. This pays all fines."


def _is_sentence(said: str) -> bool:
    starts = said[:1].isupper() or said.startswith("{")
    return starts and said.rstrip().endswith((".", "?", "}")) and len(said.split()) > 1


def test_totals_that_hide_in_tabs_so_that_members_can_not_follow(data_dir: Path) -> None:
    """What each purse should hold is told at every step of the sheet, and follows each entry."""
    from tests.presenters.meeting.table import Table

    database = new_book(data_dir / "vsla.db")
    table = Table(Village(database).form())
    table.open()
    table.usual("attendance")
    for title in table.sheet.steps():
        table.sheet.show_step(title.step)
        assert len(table.sheet.book.sheet.purses) == 2
    table.sheet.show_step(table.sheet.steps()[0].step)
    table.type("Amina", "shares", "3")
    assert table.sheet.book.sheet.purse(Fund.LOAN_FUND).in_box == D(1500)
    table.type("Amina", "fine_charged", "100")
    assert table.total("fine_charged") == "100"
    database.close()


def test_programs_that_stop_when_the_vendor_or_the_grant_does(data_dir: Path) -> None:
    """The books open without a network, and leave whole in a format that other programs read."""
    database = new_book(data_dir / "vsla.db")
    village = Village(database).form()
    village.meet(present=True)
    with village.at_work() as session:
        cells.set_shares(session, village.meeting_id, village.members[0], 5, clock=village.clock)
        cells.set_fine_charged(
            session,
            village.meeting_id,
            village.members[1],
            D(250),
            kind=FineType.MISCONDUCT,
            clock=village.clock,
        )
    village.close()
    database.close()
    file = data_dir / "group.xlsx"
    arguments = ["export", "workbook", str(file), "--group", "TST-1", "--data", str(data_dir)]
    run = subprocess.run(
        [sys.executable, "-c", OFFLINE, *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    (data_dir / "other").mkdir()
    other = new_book(data_dir / "other" / "vsla.db")
    import_workbook(other, file, clock=village.clock)
    with other.read() as session:
        assert fund_balances(session, 1).loan_fund == D(2500)
    other.close()
