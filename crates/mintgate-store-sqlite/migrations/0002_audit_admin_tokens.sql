-- Who did what, and who may.

CREATE TABLE audit (
    -- Counts entries from one, without gaps.
    seq INTEGER NOT NULL PRIMARY KEY,
    -- The entry: JSON without white space, in which stand its number and the hash of the entry before. What is hashed
    -- and exported, to the byte; every other column repeats it for searching.
    entry TEXT NOT NULL,
    -- SHA-256 of `entry`.
    hash BLOB NOT NULL,
    -- When.
    at INTEGER NOT NULL,
    -- Who, as people call them.
    actor TEXT NOT NULL,
    -- Who, as programs know them; NULL where they have no id.
    actor_id TEXT,
    -- What was done, such as `key.create`.
    action TEXT NOT NULL,
    -- To what: what it is known by for good.
    target TEXT NOT NULL,
    -- To what, as people call it; NULL where it has no name.
    target_name TEXT,
    -- Where that lives; NULL for what is in no bucket.
    bucket TEXT,
    -- Whether it was done: 0 done, 1 refused.
    refused INTEGER NOT NULL CHECK (refused IN (0, 1)),
    -- CRC-32 of the columns above.
    row_check INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_target ON audit (target);
CREATE INDEX audit_by_target_name ON audit (target_name) WHERE target_name IS NOT NULL;

CREATE TABLE admin_token (
    -- 12 characters of base62: the public part.
    id TEXT NOT NULL PRIMARY KEY,
    -- What its holder is called in logs. No two tokens that are active have the same.
    name TEXT NOT NULL,
    -- 32 bytes: HMAC of the hash of the token. Nothing else of its text is stored.
    fingerprint BLOB NOT NULL UNIQUE,
    -- What its holder may do.
    role TEXT NOT NULL CHECK (role IN ('owner', 'operator', 'auditor')),
    -- In which buckets: their names, sorted, separated by spaces; NULL for all and for what is in none.
    buckets TEXT,
    -- When it was made.
    created INTEGER NOT NULL,
    -- When it stops to work by itself; NULL for never.
    expires INTEGER,
    -- Whether it works: 0 active, 1 rolled, 2 revoked.
    state INTEGER NOT NULL CHECK (state IN (0, 1, 2)),
    -- When it was rolled or revoked.
    state_since INTEGER CHECK ((state = 0) = (state_since IS NULL)),
    -- Rolled: when it stops to work.
    grace_until INTEGER CHECK ((state = 1) = (grace_until IS NOT NULL)),
    -- Rolled: the id of the token in its place. No reference: history, not a relation.
    successor TEXT CHECK ((state = 1) = (successor IS NOT NULL)),
    -- Its last change.
    revision INTEGER NOT NULL,
    -- CRC-32 of the columns above.
    row_check INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX admin_token_by_name ON admin_token (name) WHERE state = 0;

-- How many admin tokens there are, and the sum of their row checks.
ALTER TABLE store ADD COLUMN admin_token_rows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN admin_token_sum INTEGER NOT NULL DEFAULT 0;
-- How many entries the audit log has, which is the number of the last one.
ALTER TABLE store ADD COLUMN audit_entries INTEGER NOT NULL DEFAULT 0;
-- The hash of the last one; 32 bytes of zero while there is none.
ALTER TABLE store ADD COLUMN audit_head BLOB NOT NULL DEFAULT x'';
-- HMAC over the two and the revision, under a key that is derived from the master key.
ALTER TABLE store ADD COLUMN audit_seal BLOB NOT NULL DEFAULT x'';
