-- The rules of the country's pack that devices work with, as JSON, as of the last start of the server.
ALTER TABLE organisations ADD COLUMN rules TEXT;
