"""What head office does with documents, and with bundles that one laptop carries for another.

Both are kept by their SHA-256 in chunks of 256 kB, so that one that was broken off goes on where it
stopped, and one that is there already is not sent again. A laptop may send and fetch a document
that a row of its groups names. A bundle for head office may be handed in by any laptop, and read by
none; what is to be carried back to a laptop may be fetched by those who carried something from it.
Each kind is kept apart: who offers a document as a bundle learns and touches nothing of it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from vsla_desktop.capture.postgres import DEFINER
from vsla_desktop.capture.tables import travel
from vsla_desktop.derived import Program


class Kind(StrEnum):
    """What a content is kept for: as a document, carried here for another, or to carry back."""

    DOCUMENT = "document"
    CARRIED = "carried"
    BACK = "back"


CHUNK: Final = 1 << 18
MOST_DOCUMENT: Final = 50 << 20
MOST_BUNDLE: Final = 64 << 20
# What one laptop may have handed in that head office has not opened yet.
MOST_HANDED_IN: Final = 512 << 20

DOCUMENTS: Final = ("activity_documents", "document_versions")
FROM_DEVICE: Final = (
    "sync.exchange_blobs(jsonb)",
    "sync.put_chunk(text, integer, text)",
    "sync.get_chunk(text, integer)",
)


def programs() -> list[Program]:
    """Return the functions for documents and carried bundles."""
    texts = {
        "names_document": _NAMES.replace("@rows@", " OR ".join(map(_named, DOCUMENTS))),
        "take_offers": _OFFERS,
        "exchange_blobs": _EXCHANGE,
        "put_chunk": _PUT,
        "get_chunk": _GET,
    }
    values = {
        "definer": DEFINER,
        "chunk": CHUNK,
        "most_document": MOST_DOCUMENT,
        "most_bundle": MOST_BUNDLE,
        "most_handed_in": MOST_HANDED_IN,
    }
    for name, value in values.items():
        texts = {each: text.replace(f"@{name}@", str(value)) for each, text in texts.items()}
    return [Program("function", name, text) for name, text in texts.items()]


def _named(table: str) -> str:
    return (
        f"EXISTS (SELECT FROM public.{table} t JOIN sync.row_state r"
        f" ON r.tbl = {travel(table).number} AND r.id = t.id AND NOT r.deleted"
        " WHERE t.sha256 = digest AND (device.all_groups OR EXISTS (SELECT FROM sync.assignment a"
        " WHERE a.dev = device.dev AND a.group_id = r.scope)))"
    )


_NAMES = """\
CREATE OR REPLACE FUNCTION sync.names_document(device sync.device, digest text) RETURNS boolean
LANGUAGE plpgsql STABLE @definer@ AS $body$
BEGIN
  RETURN @rows@;
END
$body$"""

# Says from which chunk to go on, -1 when all is there; what is not wanted is not named: more than a
# day's share of documents is wanted tomorrow. A size that somebody gave before and did not fill is
# no reason to refuse the right one. However small a bundle is, it counts as one chunk.
_OFFERS = """\
CREATE OR REPLACE FUNCTION sync.take_offers(device sync.device, offers jsonb, most bigint,
  wanted text) RETURNS jsonb LANGUAGE plpgsql @definer@ AS $body$
DECLARE
  each record; found sync.blob; waiting bigint; answer jsonb := '{}';
  today bigint := (SELECT coalesce(sum(b.size), 0) FROM sync.blob b WHERE b.kind = wanted
    AND b.dev = device.dev AND b.at > now() - interval '1 day' AND (b.complete OR b.sha256 NOT IN
      (SELECT o.sha256 FROM jsonb_to_recordset(offers) o (sha256 text) WHERE o.sha256 NOTNULL)));
BEGIN
  FOR each IN SELECT o.sha256, o.size FROM jsonb_to_recordset(offers) o (sha256 text, size bigint)
    WHERE o.sha256 ~ '^[0-9a-f]{64}$' AND o.size BETWEEN 1 AND most ORDER BY o.sha256
  LOOP
    IF wanted = 'carried' THEN
      SELECT coalesce(sum(greatest(b.size, @chunk@)), 0) INTO waiting FROM sync.carried c
      JOIN sync.blob b ON b.sha256 = c.sha256 AND b.kind = wanted
      WHERE c.carrier = device.dev AND c.settled_at IS NULL AND c.sha256 <> each.sha256;
      CONTINUE WHEN waiting + each.size > @most_handed_in@;
      INSERT INTO sync.carried (sha256, carrier, settled_at, dev, answer)
      SELECT each.sha256, device.dev, o.settled_at, o.dev, o.answer FROM (VALUES (1)) x (one)
      LEFT JOIN sync.carried o ON o.sha256 = each.sha256 AND o.settled_at IS NOT NULL LIMIT 1
      ON CONFLICT (sha256, carrier) DO NOTHING;
      IF EXISTS (SELECT FROM sync.carried c WHERE c.sha256 = each.sha256
        AND c.settled_at IS NOT NULL)
      THEN
        answer := answer || jsonb_build_object(each.sha256, -1);
        CONTINUE;
      END IF;
    ELSE
      CONTINUE WHEN NOT sync.names_document(device, each.sha256);
      IF NOT EXISTS (SELECT FROM sync.blob b WHERE b.sha256 = each.sha256 AND b.kind = wanted
        AND b.complete)
      THEN
        CONTINUE WHEN today + each.size > device.bytes_a_day;
        today := today + each.size;
      END IF;
    END IF;
    DELETE FROM sync.blob b
    WHERE b.sha256 = each.sha256 AND b.kind = wanted AND NOT b.complete AND b.size <> each.size;
    INSERT INTO sync.blob (sha256, kind, size, dev)
    VALUES (each.sha256, wanted, each.size, device.dev)
    ON CONFLICT (sha256, kind) DO UPDATE SET dev = excluded.dev, at = clock_timestamp()
      WHERE NOT sync.blob.complete;
    SELECT * INTO found FROM sync.blob b WHERE b.sha256 = each.sha256 AND b.kind = wanted;
    answer := answer || jsonb_build_object(each.sha256, CASE WHEN found.complete THEN -1
      ELSE (SELECT count(*) FROM sync.blob_chunk k WHERE k.sha256 = each.sha256
        AND k.kind = wanted) END);
  END LOOP;
  RETURN answer;
END
$body$"""

# put: what is wanted of what was offered; get: how large is what was asked for; returns: what may
# be carried back.
_EXCHANGE = """\
CREATE OR REPLACE FUNCTION sync.exchange_blobs(request jsonb) RETURNS jsonb
LANGUAGE plpgsql @definer@ AS $body$
DECLARE device sync.device := sync.calling_device(); put jsonb; get jsonb; returns jsonb;
BEGIN
  IF device.status <> 'active' THEN
    RETURN jsonb_build_object('answer', 'revoked');
  END IF;
  put := sync.take_offers(device, request->'carried', @most_bundle@, 'carried')
    || sync.take_offers(device, request->'documents', @most_document@, 'document');
  SELECT jsonb_object_agg(b.sha256, b.size) INTO get FROM sync.blob b
  WHERE b.complete AND b.kind = 'document'
    AND b.sha256 IN (SELECT jsonb_array_elements_text(request->'wanted'))
    AND sync.names_document(device, b.sha256);
  SELECT jsonb_agg(jsonb_build_object('name', d.name, 'dev', d.dev, 'sha256', b.sha256, 'size',
    b.size) ORDER BY d.name) INTO returns
  FROM sync.returning r JOIN sync.device d ON d.dev = r.dev JOIN sync.blob b ON b.sha256 = r.sha256
    AND b.kind = 'back'
  WHERE EXISTS (SELECT FROM sync.carried c WHERE c.dev = r.dev AND c.carrier = device.dev)
    AND r.sha256 NOT IN (SELECT jsonb_array_elements_text(request->'known'));
  RETURN jsonb_build_object('answer', 'ok', 'put', put, 'get', coalesce(get, '{}'),
    'returns', coalesce(returns, '[]'));
END
$body$"""

# A chunk that is not the next one changes nothing: the answer says which is.
_PUT = """\
CREATE OR REPLACE FUNCTION sync.put_chunk(digest text, number integer, content text) RETURNS jsonb
LANGUAGE plpgsql @definer@ AS $body$
DECLARE
  device sync.device := sync.calling_device();
  found sync.blob;
  piece bytea := decode(content, 'base64');
  next integer;
BEGIN
  SELECT * INTO found FROM sync.blob b WHERE b.sha256 = digest AND b.dev = device.dev
  ORDER BY b.complete, b.kind DESC LIMIT 1 FOR UPDATE;
  IF device.status <> 'active' OR found.sha256 IS NULL THEN
    RETURN jsonb_build_object('answer', 'unasked');
  END IF;
  SELECT count(*) INTO next FROM sync.blob_chunk k
  WHERE k.sha256 = digest AND k.kind = found.kind;
  IF found.complete THEN
    next := -1;
  ELSIF number = next AND length(piece) = least(@chunk@, found.size - number::bigint * @chunk@)
  THEN
    INSERT INTO sync.blob_chunk (sha256, kind, i, content)
    VALUES (digest, found.kind, number, piece);
    next := next + 1;
    IF next::bigint * @chunk@ >= found.size THEN
      IF digest = encode(sha256((SELECT string_agg(k.content, '' ORDER BY k.i)
        FROM sync.blob_chunk k WHERE k.sha256 = digest AND k.kind = found.kind)), 'hex')
      THEN
        UPDATE sync.blob b SET complete = true, at = clock_timestamp()
        WHERE b.sha256 = digest AND b.kind = found.kind;
        next := -1;
      ELSE
        DELETE FROM sync.blob_chunk k WHERE k.sha256 = digest AND k.kind = found.kind;
        RETURN jsonb_build_object('answer', 'damaged');
      END IF;
    END IF;
  END IF;
  RETURN jsonb_build_object('answer', 'ok', 'next', next);
END
$body$"""

_GET = """\
CREATE OR REPLACE FUNCTION sync.get_chunk(digest text, number integer) RETURNS bytea
LANGUAGE plpgsql @definer@ AS $body$
DECLARE device sync.device := sync.calling_device(); wanted text;
BEGIN
  wanted := CASE WHEN device.status <> 'active' THEN NULL
    WHEN sync.names_document(device, digest) THEN 'document'
    WHEN EXISTS (SELECT FROM sync.returning r JOIN sync.carried c ON c.dev = r.dev
      AND c.carrier = device.dev WHERE r.sha256 = digest) THEN 'back' END;
  RETURN (SELECT k.content FROM sync.blob_chunk k JOIN sync.blob b USING (sha256, kind)
    WHERE k.sha256 = digest AND k.kind = wanted AND k.i = number AND b.complete);
END
$body$"""
