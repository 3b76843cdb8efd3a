-- Finding the consumers whose manager somebody is.

CREATE TABLE consumer_manager (
    -- A manager as managers are compared: an address with its ASCII letters in lower case, or another text as it is.
    manager TEXT NOT NULL,
    -- Where the consumer lives.
    bucket TEXT NOT NULL,
    -- Its name.
    name TEXT NOT NULL,
    -- Which. What grants something is its row, whose check covers its managers; this only leads there.
    consumer INTEGER NOT NULL REFERENCES consumer (serial) ON DELETE CASCADE,
    PRIMARY KEY (manager, bucket, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX consumer_manager_by_consumer ON consumer_manager (consumer);

CREATE TRIGGER consumer_managers_made AFTER INSERT ON consumer WHEN new.managers <> '[]' BEGIN
    INSERT OR IGNORE INTO consumer_manager (manager, bucket, name, consumer)
    SELECT iif(instr(value, '@') > 0, lower(value), value), new.bucket, new.name, new.serial FROM json_each(new.managers);
END;

CREATE TRIGGER consumer_managers_changed AFTER UPDATE OF managers, name ON consumer
WHEN new.managers <> old.managers OR new.name <> old.name BEGIN
    DELETE FROM consumer_manager WHERE consumer = old.serial;
    INSERT OR IGNORE INTO consumer_manager (manager, bucket, name, consumer)
    SELECT iif(instr(value, '@') > 0, lower(value), value), new.bucket, new.name, new.serial FROM json_each(new.managers);
END;

INSERT OR IGNORE INTO consumer_manager (manager, bucket, name, consumer)
SELECT iif(instr(m.value, '@') > 0, lower(m.value), m.value), c.bucket, c.name, c.serial
FROM consumer c, json_each(c.managers) m WHERE c.managers <> '[]';
