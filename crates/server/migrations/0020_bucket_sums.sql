-- SHA-256 over a record as devices get it; NULL in rows from before there were digests, until the office opens its data.
ALTER TABLE records ADD COLUMN digest TEXT;

-- How many records lie in each bucket, and the exclusive or of their digests, kept with every record that is written: devices
-- compare them with what they hold (SYNC 22). The bucket of clients without a portfolio is ''.
CREATE TABLE bucket_sums (
  organisation TEXT NOT NULL REFERENCES organisations (organisation),
  bucket TEXT NOT NULL,
  records INTEGER NOT NULL,
  sum TEXT NOT NULL,
  PRIMARY KEY (organisation, bucket)
) STRICT;
