"""Paints every screen without a display: ``python tools/screenshots.py FOLDER [NAME ...]``.

The screens are those of the program itself, over a practice book made on the fly. Each is painted
at 1366x768, light and dark; with ``--large`` also with text at 150 %.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from picture_stage import SIZE, Stage
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from screens_group import (
    bring_wrong,
    loan,
    loan_asked,
    loan_change,
    loan_loss,
    loan_request,
    member_act,
    member_code,
    member_form,
    member_leaving_by_vote,
    new_group,
    new_group_wrong,
    officers,
    passbook,
    phone,
    phone_form,
    practice,
    profile,
    taken_out,
    trouble,
    wizard,
)
from screens_many import (
    desk_compare,
    desk_visits,
    office,
    report,
    sync,
    sync_enrol,
    sync_locked,
    sync_sending,
)
from screens_meeting import (
    closing_count,
    earlier,
    earlier_mark,
    meeting,
    opening_count,
    paper_totals,
    plan,
    plan_new,
    slip,
    three_keys,
    votes,
    wall,
    wall_strip,
)
from screens_money import (
    advance_let_off,
    correction,
    funds,
    paper_books,
    rules,
    rules_vote,
    share_out,
)

from vsla_desktop.app import Program
from vsla_desktop.i18n import use_language
from vsla_desktop.settings import ThemeChoice
from vsla_desktop.views.big_screen import BigScreen


def keys(program: Program) -> Program:
    """The key card of a page."""
    program.window.toggle_key_card()
    return program


SCREENS: Final[dict[str, Callable[[Stage], Program]]] = {
    "first-start": lambda stage: stage.program("empty"),
    "new-group": new_group,
    "new-group-wrong": new_group_wrong,
    "new-group-rules": lambda stage: wizard(stage, 1),
    "new-group-members": lambda stage: wizard(stage, 2),
    "new-group-officers": lambda stage: wizard(stage, 3),
    "bring-books": lambda stage: stage.page("empty", "bring-books"),
    "bring-books-wrong": bring_wrong,
    "take-out": lambda stage: stage.page("book", "take-out"),
    "take-out-done": taken_out,
    "trouble": trouble,
    "home": lambda stage: stage.page("book", "home"),
    "home-new": lambda stage: stage.page("young", "home"),
    "desk": lambda stage: stage.page("desk", "desk"),
    "desk-visits": lambda stage: desk_visits(stage, writes=False),
    "desk-visit-new": lambda stage: desk_visits(stage, writes=True),
    "desk-compare": desk_compare,
    "members": lambda stage: stage.page("book", "members"),
    "members-profile": profile,
    "members-passbook": passbook,
    "members-leaving": lambda stage: member_act(stage, "leave"),
    "members-leaving-vote": member_leaving_by_vote,
    "members-target": lambda stage: member_act(stage, "target"),
    "members-phone": phone,
    "members-phone-new": phone_form,
    "members-form": member_form,
    "members-officers": officers,
    "members-code": member_code,
    "loans": lambda stage: stage.page("book", "loans"),
    "loans-one": loan,
    "loans-ask": loan_request,
    "loans-more": loan_change,
    "loans-request": loan_asked,
    "loans-loss": loan_loss,
    "funds": lambda stage: funds(stage, "FINES"),
    "funds-social": lambda stage: funds(stage, "SOCIAL", view="ADVANCES"),
    "funds-let-off": advance_let_off,
    "funds-money": lambda stage: funds(stage, "MONEY"),
    "funds-bank": lambda stage: funds(stage, "BANK"),
    "funds-debts": lambda stage: funds(stage, "DEBTS"),
    "funds-property": lambda stage: funds(stage, "PROPERTY"),
    "funds-no-meeting": lambda stage: stage.page("book", "funds"),
    "cashbook": lambda stage: stage.page("book", "cashbook"),
    "cashbook-correct": correction,
    "share-out": lambda stage: stage.page("open", "share-out"),
    "share-out-audit": lambda stage: share_out(stage, "audit"),
    "share-out-count": lambda stage: share_out(stage, "count"),
    "share-out-table": lambda stage: share_out(stage, "table"),
    "share-out-notes": lambda stage: share_out(stage, "notes"),
    "share-out-vote": lambda stage: share_out(stage, "vote"),
    "share-out-pay": lambda stage: share_out(stage, "pay"),
    "share-out-take-back": lambda stage: share_out(stage, "take-back"),
    "share-out-next": lambda stage: share_out(stage, "next"),
    "home-paper": lambda stage: stage.page("paper", "home"),
    "paper-books": paper_books,
    "rules": lambda stage: rules(stage, "SHARES"),
    "rules-loans": lambda stage: rules(stage, "LOANS"),
    "rules-share-out": lambda stage: rules(stage, "SHARE_OUT"),
    "rules-preset": lambda stage: rules(stage, "START"),
    "rules-meetings": lambda stage: rules(stage, "MEETINGS"),
    "rules-saving-types": lambda stage: rules(stage, "SAVING_TYPES"),
    "rules-scores": lambda stage: rules(stage, "ASSESSMENT"),
    "rules-history": lambda stage: rules(stage, "HISTORY"),
    "rules-vote": rules_vote,
    "reports": lambda stage: stage.page("book", "reports"),
    "reports-table": lambda stage: report(stage, "cashbook"),
    "reports-long": lambda stage: report(stage, "savings"),
    "reports-figures": lambda stage: report(stage, "balance-sheet"),
    "reports-chart": lambda stage: report(stage, "attendance"),
    "reports-member": lambda stage: report(stage, "member-summary"),
    "reports-filter": lambda stage: report(stage, "loans", "filter"),
    "reports-saved": lambda stage: report(stage, "cashbook", "saved"),
    "sync": lambda stage: stage.page("book", "sync"),
    "sync-enrol": sync_enrol,
    "sync-waiting": lambda stage: sync(stage, "NOW"),
    "sync-sending": sync_sending,
    "sync-settle": lambda stage: sync(stage, "SETTLE"),
    "sync-refused": lambda stage: sync(stage, "REFUSED"),
    "sync-history": lambda stage: sync(stage, "HISTORY"),
    "sync-locked": sync_locked,
    "filling": lambda stage: stage.page("empty", "filling"),
    "settings": lambda stage: stage.page("book", "settings"),
    "office-sign-in": lambda stage: office(stage, "sign-in"),
    "office-programme": lambda stage: office(stage, "programme"),
    "office-indicators": lambda stage: office(stage, "programme", part=1),
    "office-months": lambda stage: office(stage, "programme", part=2),
    "office-groups": lambda stage: office(stage, "office-groups"),
    "office-group-new": lambda stage: office(stage, "office-groups", act="open"),
    "office-group-give": lambda stage: office(stage, "office-groups", act="give"),
    "office-reports": lambda stage: office(stage, "reports"),
    "office-laptops": lambda stage: office(stage, "laptops"),
    "office-differences": lambda stage: office(stage, "laptops", part=1),
    "office-laptop-new": lambda stage: office(stage, "laptops", act="enrol"),
    "office-people": lambda stage: office(stage, "people"),
    "office-person-new": lambda stage: office(stage, "people", act="add"),
    "office-access": lambda stage: office(stage, "people", act="access"),
    "office-asked": lambda stage: office(stage, "people", part=1),
    "office-messages": lambda stage: office(stage, "people", part=2),
    "office-message-new": lambda stage: office(stage, "people", part=2, act="send"),
    "office-shared": lambda stage: office(stage, "shared"),
    "office-achievements": lambda stage: office(stage, "shared", part=2),
    "office-achievement-new": lambda stage: office(stage, "shared", part=2, act="add"),
    "office-providers": lambda stage: office(stage, "shared", part=5),
    "office-settings": lambda stage: office(stage, "settings"),
    "office-reader": lambda stage: office(stage, "office-groups", who="Ruth"),
    "meeting-opening": lambda stage: stage.page("book", "meeting"),
    "meeting-count": opening_count,
    "meeting-sheet": meeting,
    "meeting-paper": paper_totals,
    "meeting-closing": closing_count,
    "meeting-earlier": earlier,
    "meeting-earlier-mark": earlier_mark,
    "meeting-plan": plan,
    "meeting-plan-new": plan_new,
    "meeting-votes": votes,
    "meeting-keys": three_keys,
    "meeting-slip": slip,
    "meeting-wall": wall,
    "meeting-wall-strip": wall_strip,
    "keys": lambda stage: keys(stage.page("book", "members")),
    "keys-meeting": lambda stage: keys(meeting(stage)),
    "practice": lambda stage: practice(stage, "meeting"),
    "practice-cashbook": lambda stage: practice(stage, "cashbook"),
}
"""Every screen; the order is the one in which a person meets them."""


def paint(stage: Stage, name: str, file: Path) -> None:
    """Paint one screen into a PNG file."""
    program = SCREENS[name](stage)
    window = program.window
    window.resize(*SIZE)
    window.activateWindow()
    stage.settle()
    wall = next((w for w in QApplication.topLevelWidgets() if isinstance(w, BigScreen)), None)
    if wall is not None:
        wall.resize(*SIZE)
        stage.settle()
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
    asked = parser.parse_intermixed_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    with tempfile.TemporaryDirectory() as base, ExitStack() as servers:
        stage = Stage(app, Path(base))
        stage.servers = servers
        stage.language = asked.language
        for percent in (100, 150) if asked.large else (100,):
            for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK)[: 1 if asked.light else 2]:
                stage.theme, stage.percent = theme, percent
                for name in asked.names or SCREENS:
                    size = f"-{percent}" if asked.large else ""
                    file = asked.folder / f"{name}-{theme}{size}.png"
                    paint(stage, name, file)
                    print(file)
        use_language("en")


if __name__ == "__main__":
    main()
