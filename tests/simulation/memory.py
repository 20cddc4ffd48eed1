"""What was acknowledged to people, so that at the end nothing of it is missing.

An entry counts as acknowledged when its transaction is committed where it was made. What only
stood in a book or a database that was later replaced by an older one is forgotten again: nobody
has it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Write:
    """A value that somebody wrote into a column, having seen ``base`` there; it is like no other.

    ``by`` is the laptop, empty at head office.
    """

    su: str
    table: str
    column: str
    base: str | None
    value: str
    by: str = ""


@dataclass
class Memory:
    """``made`` and ``removed`` are identities of rows by the laptop that did it.

    ``gone`` are all rows that somebody removed anywhere: no other may be gone. ``seen`` are row,
    column and value of what somebody saw and wrote over.
    """

    made: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    written: list[Write] = field(default_factory=list)
    seen: set[tuple[str, str, str | None]] = field(default_factory=set)

    def write(self, *writes: Write) -> None:
        """Take note of values, and of those that they were knowingly written over."""
        self.written += writes
        self.seen |= {(each.su, each.column, each.base) for each in writes}

    def forget(self, by: str, kept: set[str]) -> None:
        """Forget what ``by`` has done, except new rows that somebody has kept.

        When head office's database is replaced, rows go with it whose maker's book was replaced
        before: it alone had them.
        """
        self.made = {su: who for su, who in self.made.items() if su in kept or (by and who != by)}
        self.removed = {su: who for su, who in self.removed.items() if who != by}
        self.written = [each for each in self.written if each.by != by]
