"""Column types that keep the same value exactly in SQLite and in PostgreSQL.

SQLite has no decimal type: a NUMERIC column there may turn an amount into a binary fraction. So a
decimal is kept as a whole number of its smallest step in SQLite and as NUMERIC in PostgreSQL, and
is a :class:`~decimal.Decimal` in Python on both.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    ForeignKey,
    Numeric,
    String,
    TypeDecorator,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import UserDefinedType
from typing_extensions import override

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

__all__ = [
    "Choice",
    "Exact",
    "ExactDefault",
    "Money",
    "Percent",
    "Rate",
    "flag",
    "officer",
    "owner",
    "shared",
    "whole",
    "zero",
]


class ScaledInteger(UserDefinedType[int]):
    """SQLite's declared type of an exact decimal: whole steps, with the precision to be seen.

    "INT" in the name gives the column integer affinity, so SQLite never makes a float of it.
    """

    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        self.precision = precision
        self.scale = scale

    @override
    def get_col_spec(self, **_: Any) -> str:
        """Return the type as it stands in CREATE TABLE."""
        return f"SCALED_INT({self.precision},{self.scale})"


class Exact(TypeDecorator[Decimal]):
    """An exact decimal of ``precision`` digits, ``scale`` of them behind the point.

    Raises :class:`ValueError` for a value that does not fit without rounding: rounding is a rule
    of the group, never of the database.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale
        self._limit = 10**precision

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Whole steps in SQLite, NUMERIC elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(ScaledInteger(self.precision, self.scale))
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def steps(self, value: Decimal | int) -> int:
        """Return ``value`` as a whole number of its smallest step; ValueError if it is none."""
        if isinstance(value, float):
            message = f"an amount must be a Decimal, not the float {value!r}"
            raise TypeError(message)
        scaled = Decimal(value).scaleb(self.scale)
        if not scaled.is_finite() or scaled != (whole_steps := int(scaled)):
            message = f"{value} has more than {self.scale} decimals"
            raise ValueError(message)
        if abs(whole_steps) >= self._limit:
            message = f"{value} has more than {self.precision - self.scale} digits"
            raise ValueError(message)
        return whole_steps

    @override
    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        """Check that the value fits exactly, then hand it on as the database keeps it."""
        if value is None:
            return None
        steps = self.steps(value)
        return steps if dialect.name == "sqlite" else Decimal(steps).scaleb(-self.scale)

    @override
    def process_literal_param(self, value: Decimal | int | None, dialect: Dialect) -> str:
        """Write the value into the statement itself."""
        return str(self.process_bind_param(value, dialect))

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Return what the database keeps as a Decimal with all its decimals."""
        if value is None:
            return None
        return Decimal(value).scaleb(-self.scale) if dialect.name == "sqlite" else Decimal(value)


class Money(Exact):
    """An amount in the group's currency, to the hundredth: NUMERIC(12,2) unless said otherwise."""

    cache_ok = True

    def __init__(self, precision: int = 12) -> None:
        super().__init__(precision, 2)


class Rate(Exact):
    """A rate per period as a fraction: 0.1000 is ten percent."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(5, 4)


class Percent(Exact):
    """A percentage from 0.00 to 100.00, or a score on that scale."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(5, 2)


class Choice(TypeDecorator[str]):
    """A coded value from a closed list, kept as VARCHAR.

    The laptop checks the list (a CHECK made in ``models``); the centre takes what other programs
    write.
    """

    impl = String
    cache_ok = True

    def __init__(self, *values: str, length: int = 50) -> None:
        super().__init__(length)
        self.values = values


def owner(table: str) -> MappedColumn[Any]:
    """Refer to the row that owns this one: it goes when its owner goes."""
    return mapped_column(ForeignKey(f"{table}.id", ondelete="CASCADE"))


def officer(table: str, *, later: bool = False) -> MappedColumn[Any]:
    """Refer to a row that is told for context: the reference is emptied when that row goes.

    ``later`` adds the foreign key after the tables, where two of them refer to each other.
    """
    return mapped_column(ForeignKey(f"{table}.id", ondelete="SET NULL", use_alter=later))


def shared(table: str) -> MappedColumn[Any]:
    """Refer to shared data that may not go while it is in use."""
    return mapped_column(ForeignKey(f"{table}.id"))


def flag(default: bool = False) -> MappedColumn[Any]:  # noqa: FBT001, FBT002 - the value itself
    """Say yes or no, with a default that the database knows."""
    return mapped_column(Boolean, server_default=text("true" if default else "false"))


def zero(column_type: TypeEngine[Any] | type[TypeEngine[Any]]) -> MappedColumn[Any]:
    """Hold an amount or count that starts at nought."""
    return mapped_column(column_type, server_default=text("0"))


def whole(default: int) -> MappedColumn[Any]:
    """Hold a whole number that starts at ``default``."""
    return mapped_column(server_default=text(str(default)))


class ExactDefault(ColumnElement[Decimal]):
    """A server default for an exact column, written the way each database keeps it."""

    inherit_cache = True

    def __init__(self, value: str, scale: int = 2) -> None:
        self.value = Decimal(value)
        self.scale = scale


@compiles(ExactDefault)
def _plain(element: ExactDefault, _compiler: SQLCompiler, **_: Any) -> str:
    return f"{element.value:.{element.scale}f}"


@compiles(ExactDefault, "sqlite")
def _steps(element: ExactDefault, _compiler: SQLCompiler, **_: Any) -> str:
    return str(int(element.value.scaleb(element.scale)))
