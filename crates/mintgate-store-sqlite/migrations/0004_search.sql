-- Finding consumers and keys among many, and who may look after a consumer's keys.

-- A JSON list of text, sorted; part of row_check where it is not empty.
ALTER TABLE consumer ADD COLUMN managers TEXT NOT NULL DEFAULT '[]';
-- What a search looks through: name, subject and tags, in lower case, each on a line of its own. Made from the columns that
-- the row's check covers, and not covered itself: a damaged one makes a search miss its row, and nothing else.
ALTER TABLE consumer ADD COLUMN found_by TEXT NOT NULL DEFAULT '';
-- When one of its keys was last seen at work; 0 for never. No check: nobody decides by it.
ALTER TABLE consumer ADD COLUMN last_used INTEGER NOT NULL DEFAULT 0;

UPDATE consumer SET
    found_by = char(10) || lower(name) || char(10) || lower(subject) || char(10)
        || coalesce((SELECT group_concat(lower(key || '=' || value) || char(10), '') FROM json_each(tags)), ''),
    last_used = coalesce((SELECT max(last_used) FROM api_key WHERE consumer = consumer.serial), 0);

-- One for each order. They hold all that a search reads of consumers that it passes over, so that it does not read their rows.
CREATE INDEX consumer_by_name ON consumer (bucket, name, found_by, disabled_since);
CREATE INDEX consumer_by_created ON consumer (created, id, found_by, bucket, disabled_since);
CREATE INDEX consumer_by_use ON consumer (last_used, id, found_by, bucket, disabled_since);

CREATE TRIGGER consumer_last_used AFTER UPDATE OF last_used ON api_key WHEN new.last_used IS NOT NULL BEGIN
    UPDATE consumer SET last_used = new.last_used WHERE serial = new.consumer AND last_used < new.last_used;
END;

CREATE TABLE key_label (
    -- A label that some key has, or had lately. There are far fewer labels than keys.
    label TEXT NOT NULL PRIMARY KEY,
    -- The same in lower case, which a search looks through.
    folded TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO key_label (label, folded) SELECT DISTINCT label, lower(label) FROM api_key WHERE label <> '';

CREATE INDEX api_key_by_label ON api_key (label, consumer) WHERE label <> '';
CREATE INDEX api_key_by_expiry ON api_key (expires) WHERE expires IS NOT NULL;
CREATE INDEX api_key_ended ON api_key (state) WHERE state <> 0;
CREATE INDEX api_key_foreign ON api_key (format) WHERE format = 1;
