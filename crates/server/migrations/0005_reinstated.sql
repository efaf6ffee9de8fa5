-- The highest number that may stand on a label, and the highest epoch of a device that may have been given out: more than
-- is known here once this office was put back from a backup, since neither is ever issued twice (SYNC 1, 32).
ALTER TABLE organisations ADD COLUMN labels_taken INTEGER NOT NULL DEFAULT 0;
UPDATE organisations SET labels_taken =
  (SELECT count(*) FROM devices WHERE devices.organisation = organisations.organisation AND devices.user IS NOT NULL);

ALTER TABLE devices ADD COLUMN epochs_taken INTEGER NOT NULL DEFAULT 0;
UPDATE devices SET epochs_taken = epoch;
