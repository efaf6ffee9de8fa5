-- Who revoked the device, and why (SYNC 37); empty when it is not revoked.
ALTER TABLE devices ADD COLUMN revoked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN revoked_reason TEXT NOT NULL DEFAULT '';
