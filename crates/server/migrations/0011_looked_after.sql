-- How far the device has recorded in this epoch, as it said itself: what never arrives is a loss with a name (SYNC 14).
ALTER TABLE epochs ADD COLUMN told_head_seq INTEGER NOT NULL DEFAULT 0;
-- How many facts waited on it when it last said so.
ALTER TABLE epochs ADD COLUMN told_waiting INTEGER NOT NULL DEFAULT 0;

-- Who has looked at something set aside, and says that nothing is to be done: it takes two (SYNC 4).
CREATE TABLE dismissals (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  quarantine INTEGER NOT NULL REFERENCES quarantine (id),
  user TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT NOT NULL,
  dismissed_at_ms INTEGER NOT NULL,
  PRIMARY KEY (organisation, quarantine, user)
) STRICT;
