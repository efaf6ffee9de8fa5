-- A record left this portfolio under this number: devices that see the portfolio and not the record erase it (SYNC 25).
CREATE TABLE tombstones (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  bucket TEXT NOT NULL,
  server_seq INTEGER NOT NULL,
  made_at_ms INTEGER NOT NULL,
  PRIMARY KEY (organisation, kind, id, bucket)
) STRICT;
CREATE UNIQUE INDEX tombstones_seq ON tombstones (organisation, server_seq);

-- Tombstones through this number may be gone: an older cursor is no longer good (SYNC 23).
ALTER TABLE organisations ADD COLUMN tombstones_purged_through INTEGER NOT NULL DEFAULT 0;
