-- What a daily closing at the head of the chain would say; NULL in epochs begun before closings existed, until their next
-- fact (SYNC 32).
ALTER TABLE epochs ADD COLUMN tally TEXT;
