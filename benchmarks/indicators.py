"""The indicators of a programme of many groups, against one aggregate written by hand in SQL.

Both work out the same figures (that is checked) on head office's PostgreSQL. What is written by
hand knows no filter, no practice group and no level; the program's statement knows them all. The
rows are written by the server itself, without triggers: twenty members, twelve meetings, three
loans and some hundred entries a group.

    python -m benchmarks.indicators [GROUPS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measure import Measure, measured, show
from benchmarks.push import new_database
from tests.support.postgres import running_server
from vsla_desktop.domain.indicators import Figures
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.indicators import programme_figures

if TYPE_CHECKING:
    from vsla_desktop.db import Database

BAR: Final = 2.0
TIMES: Final = 3
ON: Final = date(2026, 6, 1)
MEMBERS, MEETINGS, LOANS = 20, 12, 3

_FILL: Final = (
    "INSERT INTO users (username, email, password) VALUES ('office', 'o@x', '-')",
    (
        "INSERT INTO savings_groups (name, group_code, region, district, parish, village, currency,"
        " formation_date, created_by) SELECT 'Group ' || g, 'G' || g, 'R' || g % 5, 'D' || g % 60,"
        " 'P', 'V' || g, 'UGX', DATE '2025-12-01', (SELECT min(id) FROM users)"
        " FROM generate_series(1, {groups}) g"
    ),
    (
        "INSERT INTO savings_cycles (group_id, cycle_number, start_date, end_date,"
        " members_at_start, share_value) SELECT id, 1, DATE '2026-01-05',"
        " DATE '2026-12-21', 18, 1000 FROM savings_groups"
    ),
    (
        "INSERT INTO group_members (group_id, first_name, last_name, gender, joined_date,"
        " member_number) SELECT g.id, 'Amina', 'Nakato', CASE WHEN n % 4 = 0 THEN 'M' ELSE 'F' END,"
        " DATE '2026-01-05', n FROM savings_groups g, generate_series(1, {members}) n"
    ),
    (
        "INSERT INTO meetings (group_id, meeting_number, meeting_date, status, total_members,"
        " members_present, cycle_id) SELECT c.group_id, n, c.start_date + 7 * n, 'COMPLETED',"
        " {members}, {members} - (c.group_id + n) % 5, c.id"
        " FROM savings_cycles c, generate_series(1, {meetings}) n"
    ),
    (
        "INSERT INTO group_transactions (group_id, member_id, meeting_id, cycle_id, amount,"
        " direction, transaction_type, fund_type, transaction_date, reference_number)"
        " SELECT m.group_id, p.id, m.id, m.cycle_id, 1000 * (1 + (p.id + m.id) % 5),"
        " 1, CASE WHEN p.member_number % 4 = 0 THEN 'SOCIAL_CONTRIBUTION'"
        " ELSE 'SAVINGS_DEPOSIT' END,"
        " CASE WHEN p.member_number % 4 = 0 THEN 'SOCIAL' ELSE 'LOAN_FUND' END,"
        " m.meeting_date, 'E-' || m.id || '-' || p.id"
        " FROM meetings m JOIN group_members p ON p.group_id = m.group_id"
        " WHERE (p.member_number + m.meeting_number) % 3 = 0"
    ),
    (
        "INSERT INTO group_loans (group_id, member_id, principal, interest_rate, term_months,"
        " monthly_payment, status, disbursement_date, total_amount_due, cycle_id)"
        " SELECT p.group_id, p.id, 9000, 0.1, 3, 3300, 'ACTIVE', DATE '2026-02-02', 9900, c.id"
        " FROM group_members p JOIN savings_cycles c ON c.group_id = p.group_id"
        " WHERE p.member_number <= {loans}"
    ),
    (
        "INSERT INTO loan_repayment_schedule (loan_id, installment_number, due_date,"
        " principal_amount, interest_amount, total_amount) SELECT id, n,"
        " disbursement_date + 28 * n, 3000, 300, 3300 FROM group_loans, generate_series(1, 3) n"
    ),
    (
        "INSERT INTO group_transactions (group_id, member_id, loan_id, cycle_id, amount, direction,"
        " transaction_type, fund_type, transaction_date, reference_number)"
        " SELECT group_id, member_id, id, cycle_id, 9000, -1, 'LOAN_DISBURSEMENT', 'LOAN_FUND',"
        " disbursement_date, 'L-' || id FROM group_loans"
    ),
    (
        "INSERT INTO group_transactions (group_id, member_id, loan_id, cycle_id, amount, direction,"
        " transaction_type, fund_type, transaction_date, reference_number)"
        " SELECT l.group_id, l.member_id, l.id, l.cycle_id, k.amount, 1, k.kind, 'LOAN_FUND',"
        " l.disbursement_date + 28 * n, k.kind || l.id || '-' || n FROM group_loans l,"
        " generate_series(1, 3) n, (VALUES ('LOAN_REPAYMENT', 3000), ('LOAN_CHARGE', 300)) AS"
        " k (kind, amount) WHERE (l.id + n) % 4 <> 0"
    ),
)
_TRIGGERED: Final = (
    "users savings_groups savings_cycles group_members meetings group_transactions group_loans"
    " loan_repayment_schedule"
)
_BY_HAND: Final = """
WITH moved AS (
    SELECT group_id,
        sum(direction * amount) FILTER (WHERE fund_type = 'LOAN_FUND') AS cash,
        sum(direction * amount) FILTER (WHERE fund_type <> 'LOAN_FUND') AS others,
        sum(direction * amount) FILTER (WHERE transaction_type = 'SAVINGS_DEPOSIT') AS saved,
        min(transaction_date) FILTER (WHERE transaction_type = 'SAVINGS_DEPOSIT') AS since
    FROM group_transactions WHERE transaction_date <= DATE '2026-06-01' GROUP BY group_id
), paid AS (
    SELECT loan_id,
        sum(CASE transaction_type WHEN 'LOAN_DISBURSEMENT' THEN amount
            WHEN 'LOAN_REPAYMENT' THEN -amount ELSE 0 END) AS outstanding,
        sum(amount) FILTER (WHERE transaction_type = 'LOAN_REPAYMENT') AS principal,
        sum(amount) FILTER (WHERE transaction_type = 'LOAN_CHARGE') AS charge
    FROM group_transactions WHERE loan_id IS NOT NULL AND transaction_date <= DATE '2026-06-01'
    GROUP BY loan_id
), due AS (
    SELECT loan_id, sum(principal_amount) AS principal, sum(interest_amount) AS charge
    FROM loan_repayment_schedule WHERE due_date < DATE '2026-06-01' GROUP BY loan_id
), lent AS (
    SELECT l.group_id, count(*) AS loans, sum(p.outstanding) AS outstanding,
        sum(p.outstanding) FILTER (WHERE d.principal > coalesce(p.principal, 0)
            OR d.charge > coalesce(p.charge, 0)) AS late
    FROM group_loans l JOIN paid p ON p.loan_id = l.id LEFT JOIN due d ON d.loan_id = l.id
    WHERE p.outstanding > 0 GROUP BY l.group_id
), people AS (
    SELECT group_id, count(*) AS members, count(*) FILTER (WHERE gender = 'F') AS women
    FROM group_members WHERE joined_date <= DATE '2026-06-01' AND left_date IS NULL
    GROUP BY group_id
), last AS (
    SELECT m.group_id, m.members_present FROM meetings m JOIN (
        SELECT group_id, max(meeting_number) AS number FROM meetings
        WHERE status = 'COMPLETED' AND meeting_date <= DATE '2026-06-01' GROUP BY group_id
    ) n ON n.group_id = m.group_id AND n.number = m.meeting_number
)
SELECT count(*), sum(people.members), sum(people.women), sum(last.members_present),
    sum(moved.saved), sum(lent.loans), sum(lent.outstanding), sum(coalesce(lent.late, 0)),
    sum(moved.cash), sum(moved.others),
    sum((moved.cash + moved.others + coalesce(lent.outstanding, 0))
        * (DATE '2026-06-01' - moved.since))
FROM savings_groups g JOIN people ON people.group_id = g.id JOIN last ON last.group_id = g.id
    LEFT JOIN moved ON moved.group_id = g.id LEFT JOIN lent ON lent.group_id = g.id
GROUP BY g.currency
"""


def fill(central: Database, groups: int) -> None:
    """Write a programme of so many groups."""
    size = {"groups": groups, "members": MEMBERS, "meetings": MEETINGS, "loans": LOANS}
    with central.connection(writes=True) as connection:
        for table in _TRIGGERED.split():
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in _FILL:
            connection.exec_driver_sql(statement.format(**size).replace("%", "%%"))
        for table in _TRIGGERED.split():
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with central.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM (ANALYZE)")


def told(figures: Figures) -> list[Any]:
    """Return what the statement by hand tells, in its order."""
    return [
        figures.groups,
        figures.members,
        figures.women,
        figures.attending,
        figures.savings,
        figures.loans_count,
        figures.loans_value,
        figures.late_value,
        figures.loan_fund_cash,
        figures.other_funds,
        figures.asset_days,
    ]


def run(groups: int = 100_000) -> list[Measure]:
    """Measure both in turn, and take the best of each."""
    with ExitStack() as stack:
        server = stack.enter_context(
            running_server(settings={"shared_buffers": "1GB", "work_mem": "64MB"})
        )
        central = stack.enter_context(new_database(server))
        fill(central, groups)

        def ours() -> list[Any]:
            with central.read() as session:
                (line,) = programme_figures(session, Filter(), on=ON)
            return told(line.figures)

        def by_hand() -> list[Any]:
            with central.connection() as connection:
                return list(connection.exec_driver_sql(_BY_HAND).one())

        if ours() != by_hand():
            raise SystemExit(f"{ours()} is not {by_hand()}")
        taken = [(_timed(ours), _timed(by_hand)) for _ in range(TIMES)]
    return [
        measured(
            f"indicators of {groups:,} groups",
            min(each[0] for each in taken),
            min(each[1] for each in taken),
            at_most=BAR,
        )
    ]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    show(run(*(int(each) for each in sys.argv[1:2])))
