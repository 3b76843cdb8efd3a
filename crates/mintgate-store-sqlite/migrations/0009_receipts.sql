-- What is kept of things that were made under an idempotency key. Nothing is served by it, so it takes no revision.

CREATE TABLE receipt (
    -- 32 bytes: HMAC-SHA-256 of admin, operation and idempotency key. The idempotency key itself is stored nowhere.
    id BLOB NOT NULL PRIMARY KEY,
    -- 32 bytes: HMAC-SHA-256 of the request, under a key that takes the idempotency key.
    request BLOB NOT NULL,
    -- The reply, sealed under a key that takes the master key and the idempotency key.
    reply BLOB NOT NULL,
    -- When it is no longer honoured.
    expires INTEGER NOT NULL,
    -- CRC-32 of the columns above.
    row_check INTEGER NOT NULL
) STRICT;

CREATE INDEX receipt_by_end ON receipt (expires);
