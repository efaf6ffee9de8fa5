-- One person's latest word on something set aside: `dismiss` or `release`. Either takes two people (SYNC 4).
ALTER TABLE dismissals RENAME TO decisions;
ALTER TABLE decisions RENAME COLUMN dismissed_at_ms TO decided_at_ms;
ALTER TABLE decisions ADD COLUMN decision TEXT NOT NULL DEFAULT 'dismiss';

-- What was set aside and counts after all, by the office's fact that says so (SYNC 4).
CREATE TABLE releases (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  -- The fact released, by its own id.
  fact_id TEXT NOT NULL,
  release_fact TEXT NOT NULL,
  quarantine INTEGER NOT NULL REFERENCES quarantine (id),
  device TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  -- NULL when it has none, or another fact bears it.
  receipt_no TEXT,
  PRIMARY KEY (organisation, fact_id)
) STRICT;
CREATE INDEX releases_receipt ON releases (organisation, receipt_no);
