"""Head office learns what changed on a laptop, exactly once, and never in the way of entry."""

from vsla_desktop.queries.sync_status import SyncStatus, SyncWord, sync_status
from vsla_desktop.sync.devices import (
    ALL_GROUPS,
    Address,
    assign_group,
    enrol_device,
    renew_device,
    revoke_device,
    unassign_group,
)
from vsla_desktop.sync.enrolment import (
    CODE_VARIABLE,
    PASSPHRASE_VARIABLE,
    Enrolment,
    LockedError,
    enrolled_as,
    hand_over,
    keep_enrolment,
    load_enrolment,
    needs_code,
    needs_passphrase,
    read_enrolment,
    store_enrolment,
    unlock,
)
from vsla_desktop.sync.exposure import openings
from vsla_desktop.sync.oversight import (
    Disagreement,
    LaptopState,
    OpenTransaction,
    check_centre,
    disagreements,
    laptops,
    oldest_transaction,
    reap,
)
from vsla_desktop.sync.pull import pull
from vsla_desktop.sync.push import push
from vsla_desktop.sync.report import SyncReport
from vsla_desktop.sync.run import run
from vsla_desktop.sync.secret import has_keyring
from vsla_desktop.sync.troubles import About, Trouble, troubles

__all__ = [
    "ALL_GROUPS",
    "CODE_VARIABLE",
    "PASSPHRASE_VARIABLE",
    "About",
    "Address",
    "Disagreement",
    "Enrolment",
    "LaptopState",
    "LockedError",
    "OpenTransaction",
    "SyncReport",
    "SyncStatus",
    "SyncWord",
    "Trouble",
    "assign_group",
    "check_centre",
    "disagreements",
    "enrol_device",
    "enrolled_as",
    "hand_over",
    "has_keyring",
    "keep_enrolment",
    "laptops",
    "load_enrolment",
    "needs_code",
    "needs_passphrase",
    "oldest_transaction",
    "openings",
    "pull",
    "push",
    "read_enrolment",
    "reap",
    "renew_device",
    "revoke_device",
    "run",
    "store_enrolment",
    "sync_status",
    "troubles",
    "unassign_group",
    "unlock",
]
