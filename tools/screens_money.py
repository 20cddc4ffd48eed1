"""Funds, cashbook, rules, paper books and share-out, each as a person sees it."""

from __future__ import annotations

from picture_books import close_the_meeting, count, everybody_comes, fill_funds
from picture_stage import Stage

from vsla_desktop.app import Program
from vsla_desktop.views.pages.cashbook import CashbookPage


def funds(stage: Stage, part: str, view: str = "") -> Program:
    """One part of the funds, with something of everything in the book."""
    from vsla_desktop.presenters.funds_table import Tab

    program = stage.page("funds", "funds")
    presenter = program.pages.presenters["funds"]
    stage.wait(lambda: presenter.read is not None)
    if not presenter.read.items:
        fill_funds(program)
        presenter.refresh()
        stage.settle()
    presenter.choose_tab(Tab(part))
    if view:
        presenter.choose_view(view)
    if part == "DEBTS":
        presenter.choose_form("repay")
        presenter.form.enter("debt", "lender Twiga Bank")
        presenter.form.enter("principal", "900000")
        presenter.form.save()
    stage.settle()
    return program


def advance_let_off(stage: Stage) -> Program:
    """Letting a member off her advance by a vote, chosen in the list."""
    program = funds(stage, "SOCIAL", view="ADVANCES")
    presenter = program.pages.presenters["funds"]
    presenter.choose_form("let_off_advance")
    presenter.choose_row(0)
    presenter.form.enter("reason", "Her house burnt down")
    presenter.form.save()
    stage.settle()
    return program


def correction(stage: Stage) -> Program:
    """Correcting a line of the cashbook."""
    program = stage.page("open", "cashbook")
    page = program.window.page("cashbook")
    presenter = program.pages.presenters["cashbook"]
    if isinstance(page, CashbookPage):
        page.list.go_to(3)
    presenter.correct(3)
    stage.wait(lambda: presenter.correction is not None)
    presenter.correction.enter("amount", "2000")
    stage.settle()
    return program


def paper_books(stage: Stage) -> Program:
    """Paper books half typed: 20,000 are missing, and one loan is too long."""
    program = stage.page("paper", "paper-books")
    presenter = program.pages.presenters["paper-books"]
    stage.wait(lambda: presenter.read is not None)
    for row in range(presenter.members.row_count()):
        presenter.members.enter(row, 2, str(10 + row * 7 % 30))
    for row, principal, periods in ((1, "60000", "2"), (4, "90000", "12"), (8, "45000", "1")):
        presenter.members.enter(row, 3, principal)
        presenter.members.enter(row, 4, periods)
    presenter.members.enter(4, 6, "500")
    presenter.enter("box_LOAN_FUND", "1000000")
    presenter.enter("box_SOCIAL", "120000")
    presenter.enter("earnings", "85000")
    stage.settle()
    return program


def rules(stage: Stage, part: str, name: str = "book") -> Program:
    """One part of the constitution; loans have a wrong field and a changed one."""
    from vsla_desktop.reports.rules_words import Section

    program = stage.page(name, "rules")
    presenter = program.pages.presenters["rules"]
    stage.wait(lambda: presenter.read is not None)
    presenter.show_section(Section(part))
    if part == "START":
        presenter.look_at_preset("SHG")
    elif part == "LOANS":
        presenter.enter("loan_max_months", "six")
        presenter.enter("loan_multiple", "4")
    stage.settle()
    return program


def rules_vote(stage: Stage) -> Program:
    """The vote on two changed rules."""
    program = rules(stage, "SHARES", "open")
    presenter = program.pages.presenters["rules"]
    presenter.enter("max_shares_per_meeting", "8")
    presenter.enter("loan_min_months", "2")
    presenter.ask()
    stage.settle()
    return program


def share_out(stage: Stage, until: str) -> Program:
    """The share-out up to a step, in a book of its own."""
    last = "take-back" if until == "take-back" else "next"
    steps = ("audit", "count", "table", "notes", "vote", "pay", last)
    # A book is paid once: each picture has its own.
    name = f"share-out-{until}-{stage.theme}-{stage.percent}-{stage.language}"
    program = stage.page(name, "share-out")
    presenter = program.pages.presenters["share-out"]
    for step in steps[: steps.index(until) + 1]:
        if step == "notes":
            presenter.toggle_notes()
            stage.settle()
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
            stage.settle()
            presenter.paying.take_back_row(2)
            presenter.paying.taking_back.enter("reason", "Paid to her sister")
            stage.settle()
            continue
        elif step == "next":
            presenter.paying.pay_row(1)
            stage.settle()
            presenter.paying.pay_all()
            presenter.paying.pay_all()
            stage.settle()
            close_the_meeting(program)
            presenter.refresh()
            stage.settle()
            presenter.next.enter(1, 3, "4")
            presenter.next.enter(2, 3, "99")
            continue
        presenter.go_on()
        stage.settle()
    return program
