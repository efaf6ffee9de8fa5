-- Test data live only in an organisation of their own, known as such (PRODUCT).
ALTER TABLE organisations ADD COLUMN demo INTEGER NOT NULL DEFAULT 0;
