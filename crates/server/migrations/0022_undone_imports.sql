-- The fact that undid the import; then it counts as never made, and the one before it can be undone (SYNC 35).
ALTER TABLE imports ADD COLUMN undo_fact TEXT;
ALTER TABLE imports ADD COLUMN undone_at_ms INTEGER;
ALTER TABLE imports ADD COLUMN undone_by TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN undo_reason TEXT NOT NULL DEFAULT '';
