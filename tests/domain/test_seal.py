from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.postings import PostingType
from vsla_desktop.domain.seal import (
    NEWEST_FORMAT,
    broken_seals,
    canonical,
    format_of,
    in_format,
    seal,
    short_form,
)

values = (
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.decimals(-(10**6), 10**6, places=2)
    | st.dates()
)
rows = st.lists(
    st.dictionaries(st.sampled_from(["table", "amount", "on", "number", "note"]), values),
    max_size=5,
)


def test_the_form_that_is_sealed() -> None:
    text = canonical(
        [
            {"type": PostingType.FINE_PAYMENT, "amount": Decimal(500), "on": date(2025, 3, 1)},
            {
                "at": datetime(2025, 3, 1, 9, 30),  # noqa: DTZ001 - stored without a zone
                "from": time(9, 30),
                "name": "Aïcha",
                "paid": True,
                "rate": Decimal("0.1250"),
                "shares": 3,
                "why": None,
            },
        ]
    )
    assert text == (
        '[{"amount":"500.00","on":"2025-03-01","type":"FINE_PAYMENT"},'
        '{"at":"2025-03-01T09:30:00","from":"09:30:00","name":"Aïcha","paid":true,'
        '"rate":"0.125","shares":3,"why":null}]'
    )


def test_the_seal_can_be_worked_out_anywhere() -> None:
    first = seal([{"amount": Decimal(5)}])
    assert first == hashlib.sha256(b'\n[{"amount":"5.00"}]').hexdigest()
    assert seal([], first) == hashlib.sha256(f"{first}\n[]".encode()).hexdigest()


@given(rows, st.randoms())
def test_the_order_of_reading_does_not_matter(found: list[dict[str, Any]], random: Any) -> None:
    shuffled = [dict(random.sample(list(row.items()), len(row))) for row in found]
    random.shuffle(shuffled)
    assert seal(shuffled) == seal(found)


@pytest.mark.parametrize(
    ("one", "other"), [("5", "5.00"), ("0.1", "0.1000"), ("100", "1E+2"), ("0", "-0.00")]
)
def test_the_same_amount_has_the_same_form(one: str, other: str) -> None:
    assert canonical([{"amount": Decimal(one)}]) == canonical([{"amount": Decimal(other)}])


@given(rows, rows)
def test_other_rows_have_another_seal(one: list[Any], other: list[Any]) -> None:
    assert (seal(one) == seal(other)) == (canonical(one) == canonical(other))


@given(st.lists(rows, min_size=1, max_size=5), st.data())
def test_a_change_is_found_at_its_meeting(
    meetings: list[list[dict[str, Any]]], data: st.DataObject
) -> None:
    chain: list[tuple[list[dict[str, Any]], str]] = []
    for found in meetings:
        chain.append((found, seal(found, chain[-1][1] if chain else "")))
    assert broken_seals(chain) == []
    at = data.draw(st.integers(0, len(chain) - 1))
    changed = [*chain[at][0], {"amount": Decimal("0.01")}]
    assert broken_seals([*chain[:at], (changed, chain[at][1]), *chain[at + 1 :]]) == [at]


def test_a_meeting_taken_out_breaks_the_chain() -> None:
    first = seal([{"number": 1}])
    second = seal([{"number": 2}], first)
    third = seal([{"number": 3}], second)
    assert broken_seals([([{"number": 1}], first), ([{"number": 3}], third)]) == [1]


terms = st.lists(
    st.fixed_dictionaries(
        {
            "row": st.sampled_from(["entry", "agreed", "meeting"]),
            "amount": values,
            "due_date": values,
            "lender": values,
        }
    ),
    max_size=4,
).map(lambda found: [*found, {"row": "meeting", "seal_format": NEWEST_FORMAT}])


@given(terms, st.integers(1, NEWEST_FORMAT))
def test_a_seal_holds_under_its_own_format_alone(found: list[dict[str, Any]], number: int) -> None:
    recorded = seal(in_format(found, number), "before")
    assert format_of(found, recorded, "before") == number
    assert format_of(found, recorded) is None


@given(terms)
def test_the_first_format_knows_nothing_of_terms(found: list[dict[str, Any]]) -> None:
    first = canonical(in_format(found, 1))
    for word in ("due_date", "lender", "seal_format", '"row":"agreed"'):
        assert word not in first
    kept = [row["amount"] for row in found if row["row"] == "entry"]
    assert first.count('"row":"entry"') == len(kept)


@pytest.mark.parametrize("value", [0.1, b"x", [1], Decimal("NaN"), Decimal("Infinity")])
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        seal([{"amount": value}])


@pytest.mark.parametrize("key", ["id", "member_id"])
def test_ids_are_not_sealed(key: str) -> None:
    with pytest.raises(ValueError, match="differs between databases"):
        seal([{key: 1}])


@given(rows)
def test_the_short_form_is_read_aloud(found: list[dict[str, Any]]) -> None:
    whole = seal(found)
    short = short_form(whole)
    assert re.fullmatch(r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}", short)
    assert whole.upper().startswith(short.replace("-", ""))
