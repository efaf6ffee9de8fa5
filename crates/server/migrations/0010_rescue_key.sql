-- The raw P-256 point that devices seal emergency files to; its private half lies beside the office's key (SYNC 40).
ALTER TABLE organisations ADD COLUMN rescue_key BLOB;
