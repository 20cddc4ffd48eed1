"""What a laptop of a later release tells that this release has no place for.

Columns and tables are only ever added, at the end, so what is beyond the last place that is known
here is newer. A row that tells such a thing is put off whole, never written in part: it waits on
the laptop, with what belongs to it, until head office has the later release.
"""

from __future__ import annotations

from typing import Final

from vsla_desktop.capture.feed import REFERENCES, VALUES
from vsla_desktop.capture.tables import Travel, travels
from vsla_desktop.derived import Program


def all_known(table: Travel) -> str:
    """Return the condition that all of a staged row ``i`` of this table is known here."""
    references, values = table.widths
    beyond = [f"i.r{place}" for place in range(references + 1, REFERENCES + 1)]
    beyond += [f"i.v{place}" for place in range(values + 1, VALUES + 1)]
    names = ", ".join(f"'{each.name}'" for each in table.columns)
    conditions = [f"num_nonnulls({', '.join(beyond)}) = 0"] if beyond else []
    # A value that was emptied is told by its name alone.
    conditions.append(f"(i.base IS NULL OR i.base - ARRAY[{names}] = '{{}}')")
    return " AND ".join(conditions)


def programs(definer: str) -> list[Program]:
    """Return the function that puts such rows off."""
    tables = " ".join(
        f"WHEN {each.number} THEN i.op = 'D' OR {all_known(each)}" for each in travels()
    )
    names = ", ".join(f"({each.number}, '{each.name}')" for each in travels())
    text = _PUT_OFF.replace("@definer@", definer)
    text = text.replace("@tables@", tables).replace("@names@", names)
    return [Program("function", "put_off_newer", text)]


_PUT_OFF: Final = """\
CREATE OR REPLACE FUNCTION sync.put_off_newer(device uuid, batch bigint) RETURNS void
LANGUAGE plpgsql @definer@ AS $body$
DECLARE newer integer[];
BEGIN
  newer := ARRAY(SELECT i.ord FROM sync.incoming i WHERE i.tx = pg_current_xact_id()
    AND NOT CASE i.tbl @tables@ ELSE false END);
  INSERT INTO sync.quarantine (dev, n, tbl, su, op, reason, payload)
  SELECT device, batch, coalesce(m.name, i.tbl::text), i.su, i.op::text, 'newer',
    jsonb_strip_nulls(to_jsonb(i))
  FROM sync.incoming i LEFT JOIN (VALUES @names@) m (tbl, name) ON m.tbl = i.tbl
  WHERE i.tx = pg_current_xact_id() AND i.ord = ANY (newer) ORDER BY i.ord;
  DELETE FROM sync.incoming i WHERE i.tx = pg_current_xact_id() AND i.ord = ANY (newer);
END
$body$"""
