"""A laptop's login makes nothing at head office: no temporary object, and none in ``public``.

What a caller has made where names are looked up is how functions of others are led astray. By
habit everybody may: PostgreSQL gives the one to ``PUBLIC``, and before release 15 the other.
"""

from __future__ import annotations

from typing import Final

# Everyone else who could keeps the right that all had. What is not ours to take is left alone;
# head office is told (sync.openings).
NOTHING_MADE: Final = """\
DO $body$
DECLARE other record;
BEGIN
  FOR other IN SELECT r.rolname AS name,
    has_database_privilege(r.oid, current_database(), 'TEMPORARY') AS temporary,
    has_schema_privilege(r.oid, 'public', 'CREATE') AS lasting
    FROM pg_roles r WHERE r.rolcanlogin AND NOT r.rolsuper
    AND NOT starts_with(r.rolname::text, 'dev_')
  LOOP
    IF other.temporary THEN
      EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), other.name);
    END IF;
    IF other.lasting AND @open@ THEN
      EXECUTE format('GRANT CREATE ON SCHEMA public TO %I', other.name);
    END IF;
  END LOOP;
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  IF @open@ THEN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  END IF;
END
$body$""".replace(
    "@open@",
    "EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'public'"
    " AND a.grantee = 0 AND a.privilege_type = 'CREATE' AND pg_has_role(n.nspowner, 'USAGE'))",
)
