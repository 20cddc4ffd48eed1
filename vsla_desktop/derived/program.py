"""A piece of program that lives inside the database and is made from declarations in code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Program:
    """One trigger, function or table that code generates and the database keeps.

    ``kind`` is "trigger", "function", "table" or "schema"; ``table`` is the table that a trigger
    stands on; ``sql`` is the whole statement that makes it. A database holds exactly the programs
    that its release declares: they are made anew when they differ.
    """

    kind: str
    name: str
    sql: str
    table: str = ""
