-- Every key begins with the organisation, so that rows can be partitioned by it (DESIGN §2).
-- Ids and hashes are text as they travel; times are milliseconds since 1970 UTC.

CREATE TABLE organisations (
  organisation TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  tax_id TEXT NOT NULL DEFAULT '',
  trade_register TEXT NOT NULL DEFAULT '',
  country TEXT NOT NULL,
  currency TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  -- The last server_seq given out (SYNC 19).
  clock INTEGER NOT NULL DEFAULT 0,
  -- Names this log of numbers; another one after each restore from a backup (SYNC 20).
  log_id TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  user TEXT NOT NULL,
  login TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  -- JSON array of portfolio codes.
  portfolios TEXT NOT NULL DEFAULT '[]',
  agency TEXT NOT NULL DEFAULT 'SIE',
  password_hash TEXT NOT NULL,
  -- Grows when role or portfolios change: the user's devices take a new snapshot (SYNC 20).
  scope_epoch INTEGER NOT NULL DEFAULT 1,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (organisation, user)
) STRICT;
CREATE UNIQUE INDEX users_login ON users (organisation, login);

CREATE TABLE sessions (
  organisation TEXT NOT NULL,
  -- SHA-256 of the cookie's token: the token itself is nowhere.
  token_hash TEXT NOT NULL,
  user TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  last_used_ms INTEGER NOT NULL,
  PRIMARY KEY (organisation, token_hash),
  FOREIGN KEY (organisation, user) REFERENCES users (organisation, user)
) STRICT;
CREATE INDEX sessions_token ON sessions (token_hash);

-- One installation of one user (SYNC 1). The office's own device has no installation and no user.
CREATE TABLE devices (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  device TEXT NOT NULL,
  label TEXT NOT NULL,
  installation TEXT,
  user TEXT,
  epoch INTEGER NOT NULL,
  build TEXT NOT NULL DEFAULT '',
  enrolled_at_ms INTEGER NOT NULL,
  last_seen_ms INTEGER,
  revoked_at_ms INTEGER,
  PRIMARY KEY (organisation, device)
) STRICT;
CREATE UNIQUE INDEX devices_label ON devices (organisation, label);
CREATE UNIQUE INDEX devices_installation ON devices (organisation, installation, user);

-- A device's chain in one epoch: its key, how far it came, whether it forked.
CREATE TABLE epochs (
  organisation TEXT NOT NULL,
  device TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  algorithm TEXT NOT NULL,
  public_key BLOB NOT NULL,
  head_seq INTEGER NOT NULL DEFAULT 0,
  head_hash TEXT NOT NULL,
  -- Device time of the head, to notice a clock that goes back (SYNC 8).
  head_device_ms INTEGER,
  -- The last receipt number taken (SYNC 32).
  last_receipt INTEGER NOT NULL DEFAULT 0,
  frozen INTEGER NOT NULL DEFAULT 0,
  started_at_ms INTEGER NOT NULL,
  PRIMARY KEY (organisation, device, epoch),
  FOREIGN KEY (organisation, device) REFERENCES devices (organisation, device)
) STRICT;

-- The journal. Rows are inserted, never updated, never deleted.
CREATE TABLE facts (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  server_seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  -- NULL when the text is no envelope: it still takes its place in its chain (SYNC 16).
  fact_id TEXT,
  type_name TEXT NOT NULL,
  -- Whether it changed records; otherwise `quarantine` says why not.
  projected INTEGER NOT NULL,
  client TEXT,
  receipt_no TEXT,
  -- The author's name when it arrived, as the records carry it.
  author TEXT NOT NULL,
  flags TEXT NOT NULL DEFAULT '[]',
  received_at_ms INTEGER NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  signature BLOB NOT NULL,
  key_id TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (organisation, server_seq),
  FOREIGN KEY (organisation, device, epoch) REFERENCES epochs (organisation, device, epoch)
) STRICT;
-- The last defence against anything counted twice (SYNC 15).
CREATE UNIQUE INDEX facts_id ON facts (organisation, fact_id);
CREATE UNIQUE INDEX facts_place ON facts (organisation, device, epoch, seq);
CREATE UNIQUE INDEX facts_receipt ON facts (organisation, receipt_no);

CREATE TRIGGER facts_are_never_updated BEFORE UPDATE ON facts
BEGIN SELECT RAISE(ABORT, 'a fact is never updated'); END;
CREATE TRIGGER facts_are_never_deleted BEFORE DELETE ON facts
BEGIN SELECT RAISE(ABORT, 'a fact is never deleted'); END;

-- What a person must look at: bytes that did not take their place, and facts that did but change nothing (SYNC 14–16).
CREATE TABLE quarantine (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  fact_id TEXT,
  type_name TEXT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  received_at_ms INTEGER NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  signature BLOB NOT NULL,
  key_id TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX quarantine_hash ON quarantine (organisation, device, epoch, hash);

-- Safe, waiting for the facts before them (SYNC 14).
CREATE TABLE staged (
  organisation TEXT NOT NULL,
  device TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  received_at_ms INTEGER NOT NULL,
  -- JSON of the sealed fact.
  sealed TEXT NOT NULL,
  PRIMARY KEY (organisation, device, epoch, seq, hash),
  FOREIGN KEY (organisation, device, epoch) REFERENCES epochs (organisation, device, epoch)
) STRICT;

-- Projections of facts, as devices get them.
CREATE TABLE records (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  -- The portfolio; NULL is seen by roles that see all.
  bucket TEXT,
  server_seq INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (organisation, kind, id)
) STRICT;
CREATE UNIQUE INDEX records_seq ON records (organisation, server_seq);

-- Payments on their way to the accounting package (DOMAIN §2.6).
CREATE TABLE payments (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  payment TEXT NOT NULL,
  client TEXT NOT NULL,
  server_seq INTEGER NOT NULL,
  -- The mobile money operator's transaction, to notice it twice (PRODUCT C4).
  operator_transaction TEXT,
  export TEXT,
  PRIMARY KEY (organisation, payment)
) STRICT;
CREATE INDEX payments_pending ON payments (organisation, server_seq) WHERE export IS NULL;
CREATE INDEX payments_transaction ON payments (organisation, operator_transaction) WHERE operator_transaction IS NOT NULL;

CREATE TABLE exports (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  export TEXT NOT NULL,
  file_name TEXT NOT NULL,
  author TEXT NOT NULL,
  payments INTEGER NOT NULL,
  file TEXT NOT NULL,
  exported_at_ms INTEGER NOT NULL,
  PRIMARY KEY (organisation, export)
) STRICT;

CREATE TABLE imports (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  import TEXT NOT NULL,
  fact_id TEXT NOT NULL,
  author TEXT NOT NULL,
  -- JSON of the import's fact body.
  body TEXT NOT NULL,
  -- JSON of the preview it was committed with.
  preview TEXT NOT NULL,
  committed_at_ms INTEGER NOT NULL,
  PRIMARY KEY (organisation, import)
) STRICT;

-- Which bytes stored facts name: only these are accepted (SYNC 33).
CREATE TABLE attachments (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  hash TEXT NOT NULL,
  fact_id TEXT NOT NULL,
  client TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (organisation, hash, fact_id)
) STRICT;

-- Bytes whose hash was verified; they lie in files named by it.
CREATE TABLE blobs (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  hash TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  stored_at_ms INTEGER NOT NULL,
  PRIMARY KEY (organisation, hash)
) STRICT;
