-- The first schema. Times are microseconds since 1970-01-01T00:00:00Z. Every row ends in `row_check`, a CRC-32 over the
-- row's other columns: SQLite does not notice a flipped bit inside a value, and a flipped bit must not become a
-- different consumer or a different key.

CREATE TABLE store (
    -- There is one row.
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    -- HMAC by which the master key that this store was made under is recognised.
    master_check BLOB NOT NULL,
    -- The change counter: the revision of the last change.
    revision INTEGER NOT NULL,
    -- How many buckets there are, and the sum of their row checks: a row that goes missing is noticed.
    bucket_rows INTEGER NOT NULL,
    bucket_sum INTEGER NOT NULL,
    -- The same for consumers.
    consumer_rows INTEGER NOT NULL,
    consumer_sum INTEGER NOT NULL,
    -- The same for keys that are not revoked.
    live_key_rows INTEGER NOT NULL,
    live_key_sum INTEGER NOT NULL,
    -- The same for revoked keys.
    revoked_key_rows INTEGER NOT NULL,
    revoked_key_sum INTEGER NOT NULL,
    -- The same for signing keys.
    signing_key_rows INTEGER NOT NULL,
    signing_key_sum INTEGER NOT NULL,
    -- CRC-32 of the columns above.
    row_check INTEGER NOT NULL
) STRICT;

CREATE TABLE bucket (
    -- What people call it.
    name TEXT NOT NULL PRIMARY KEY,
    -- What its new keys begin with.
    prefix TEXT NOT NULL,
    -- When it was made.
    created INTEGER NOT NULL,
    -- Its last change.
    revision INTEGER NOT NULL,
    -- CRC-32 of the columns above.
    row_check INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE consumer (
    -- Short, for the rows that refer to it; means nothing outside this file.
    serial INTEGER NOT NULL PRIMARY KEY,
    -- 16 characters of base62; stays through renames.
    id TEXT NOT NULL UNIQUE,
    -- Where it lives.
    bucket TEXT NOT NULL REFERENCES bucket (name),
    -- Unique in its bucket.
    name TEXT NOT NULL,
    -- The `sub` of its tokens.
    subject TEXT NOT NULL,
    -- A JSON object of at most 16 KiB.
    metadata TEXT NOT NULL,
    -- A JSON object of strings.
    tags TEXT NOT NULL,
    -- Since when its keys do not work; NULL while they do.
    disabled_since INTEGER,
    -- When it was made.
    created INTEGER NOT NULL,
    -- Its last change.
    revision INTEGER NOT NULL,
    -- CRC-32 of the columns above but the serial.
    row_check INTEGER NOT NULL,
    UNIQUE (bucket, name)
) STRICT;

CREATE INDEX consumer_by_revision ON consumer (revision);

-- `key` is a word of SQL.
CREATE TABLE api_key (
    -- Counts up, so that new keys land side by side; means nothing outside this file.
    serial INTEGER NOT NULL PRIMARY KEY,
    -- 12 characters of base62: the public part.
    id TEXT NOT NULL UNIQUE,
    -- Whose it is.
    consumer INTEGER NOT NULL REFERENCES consumer (serial),
    -- 32 bytes: HMAC of the hash of the key. Nothing else of its text is stored.
    fingerprint BLOB NOT NULL UNIQUE,
    -- Who issued it: 0 we did, 1 another system.
    format INTEGER NOT NULL CHECK (format IN (0, 1)),
    -- What it is for, in its owner's words.
    label TEXT NOT NULL,
    -- What it may be used for: sorted, separated by spaces.
    scopes TEXT NOT NULL,
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
    -- Rolled: the id of what its holder should use instead. No reference: history, not a relation.
    successor TEXT CHECK ((state = 1) = (successor IS NOT NULL)),
    -- Revoked: why, if somebody said.
    reason TEXT CHECK (reason IS NULL OR state = 2),
    -- Its last change. When it was last used does not count as one.
    revision INTEGER NOT NULL,
    -- CRC-32 of the columns above but the serial, with the consumer's id in place of its serial.
    row_check INTEGER NOT NULL,
    -- When it was last seen at work.
    last_used INTEGER,
    -- CRC-32 of id and last_used; apart from row_check, because it changes often and alone.
    last_used_check INTEGER CHECK ((last_used IS NULL) = (last_used_check IS NULL))
) STRICT;

CREATE INDEX api_key_by_consumer ON api_key (consumer, id);
CREATE INDEX api_key_by_revision ON api_key (revision);

-- What was removed, so that a node that was away learns of it.
CREATE TABLE removal (
    -- What it was: 0 a consumer, 1 a key.
    kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
    -- The consumer's id, or the key's fingerprint.
    item BLOB NOT NULL,
    -- The removal's revision; the last one, should the same thing have been removed twice.
    revision INTEGER NOT NULL,
    -- CRC-32 of the columns above.
    row_check INTEGER NOT NULL,
    PRIMARY KEY (kind, item)
) STRICT, WITHOUT ROWID;

CREATE INDEX removal_by_revision ON removal (revision);

CREATE TABLE signing_key (
    -- The thumbprint of its public part.
    kid TEXT NOT NULL PRIMARY KEY,
    -- As in a token's header.
    algorithm TEXT NOT NULL,
    -- Its public part, a JWK.
    public_jwk TEXT NOT NULL,
    -- Its private part under authenticated encryption, bound to this row.
    private_sealed BLOB NOT NULL,
    -- When it was made.
    created INTEGER NOT NULL,
    -- Where it stands in its life.
    state TEXT NOT NULL CHECK (state IN ('published', 'active', 'retiring', 'retired')),
    -- Since when it stands there.
    state_since INTEGER NOT NULL,
    -- Retiring: when the last token that it signed has expired.
    retiring_until INTEGER CHECK ((state = 'retiring') = (retiring_until IS NOT NULL)),
    -- Its last change.
    revision INTEGER NOT NULL,
    -- CRC-32 of the columns above.
    row_check INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
