-- Finding the few consumers with a tag or a value in their metadata among many, and keys by who issued them.

-- What consumers are found by to the letter: a number for each tag and for each text, number or word in the metadata, with the
-- place where it stands. Made from columns that the row's check covers, so no check: a damaged one makes a search miss
-- its row, and nothing else.
CREATE TABLE consumer_value (
    -- CRC-32 of what it is and where; -1 with a consumer that has more than are kept of one.
    value INTEGER NOT NULL,
    -- The serial of the consumer. No reference: it would take an index by consumer to go with it.
    consumer INTEGER NOT NULL,
    PRIMARY KEY (value, consumer)
) STRICT, WITHOUT ROWID;

-- New keys come at its end, so it costs them next to nothing.
DROP INDEX api_key_foreign;
CREATE INDEX api_key_by_format ON api_key (format);
