"""``vsla``: what the window does, for scripts, coordinators and tests.

Messages go to standard error, so that standard output holds results only; ``--json`` makes them
readable by programs. Exit status: 0 done, 1 a check failed or something is to be settled, 2 wrong
use, 3 could not (offline, locked, disk). ``--data``, ``--url`` and ``--json`` count wherever they
stand.
"""

from __future__ import annotations

import sys

from vsla_desktop.cli import analytics, books, bundles, centre, database, office, reports
from vsla_desktop.cli.common import COULD_NOT, TO_SETTLE, commands, say
from vsla_desktop.errors import RuleBroken, StorageError, SyncError, VslaError

app = commands(__doc__)
for name, part in (
    ("db", database.app),
    ("practice", books.practice_app),
    ("import", books.import_app),
    ("export", books.export_app),
    ("sync", centre.sync_app),
    ("bundle", bundles.bundle_app),
    ("central", office.central_app),
    ("analytics", analytics.analytics_app),
):
    app.add_typer(part, name=name)
app.command("report")(reports.report)


def main() -> None:
    """Run the command line; an error that a person can mend is one sentence, never a traceback."""
    try:
        app()
    except RuleBroken as error:
        say(f"{error.field}: {error}" if error.field else str(error))
        sys.exit(TO_SETTLE)
    except (StorageError, SyncError) as error:
        say(str(error))
        sys.exit(COULD_NOT)
    except VslaError as error:
        say(str(error))
        sys.exit(TO_SETTLE)
