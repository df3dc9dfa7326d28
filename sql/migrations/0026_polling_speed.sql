-- Each poll with news says of every entry in the document that it was seen. An index on that time made each such row a
-- new one in all indexes of the table; nothing asks by it. What polls do ask for is which entries a feed showed last.
DROP INDEX entries_seen;
CREATE INDEX entries_present ON entries (feed_id) WHERE absent_since IS NULL;
-- Room beside each row, so that its next version lies on the same page and no index has to learn of it.
ALTER TABLE entries SET (fillfactor = 85);
