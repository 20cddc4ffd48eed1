"""Head office learns what changed on a laptop, exactly once, and never in the way of entry."""

from vsla_desktop.sync.enrolment import (
    ALL_GROUPS,
    Enrolment,
    enrol_device,
    load_enrolment,
    read_enrolment,
    revoke_device,
    store_enrolment,
)
from vsla_desktop.sync.push import push
from vsla_desktop.sync.report import SyncReport
from vsla_desktop.sync.status import SyncStatus, SyncWord, sync_status
from vsla_desktop.sync.troubles import About, Trouble, troubles

__all__ = [
    "ALL_GROUPS",
    "About",
    "Enrolment",
    "SyncReport",
    "SyncStatus",
    "SyncWord",
    "Trouble",
    "enrol_device",
    "load_enrolment",
    "push",
    "read_enrolment",
    "revoke_device",
    "store_enrolment",
    "sync_status",
    "troubles",
]
