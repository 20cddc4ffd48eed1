"""The cashbook, and correcting its lines."""

from __future__ import annotations

from tests.presenters.book_of_group import Ear
from tests.services.village import Village
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.presenters.cashbook import CashbookPresenter
from vsla_desktop.presenters.runner import InlineRunner


def cashbook_page(village: Village, ear: Ear) -> CashbookPresenter:
    presenter = CashbookPresenter(
        village.database,
        InlineRunner(),
        ear.shell,
        group_id=village.group_id,
        currency=CURRENCIES["UGX"],
        clock=village.clock,
    )
    presenter.refresh()
    return presenter


def test_an_entry_of_another_page_is_turned_to_and_corrected(met: Village, ear: Ear) -> None:
    page = cashbook_page(met, ear)
    page.choose_fund("SOCIAL")
    entry = page.entry(0).transaction_id
    met.meet(days=40)
    ear.shell.correct_entry(entry)
    assert ear.pages[-1] == "cashbook"
    went: list[int] = []
    page.row_wanted.listen(went.append)
    page.refresh()
    assert (page.fund, page.months()[-1].title) == ("", "January 2026")
    assert page.month == met.day.replace(month=1, day=1)
    assert page.correction is not None
    assert page.entry(went[0]).transaction_id == entry
    page.close_correction()
    page.refresh()
    assert page.correction is None
