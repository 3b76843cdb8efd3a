-- Browsers that have signed in. Nothing is served by them, so they take no revision.

CREATE TABLE session (
    -- 32 bytes: SHA-256 of the secret in the browser's cookie. The secret itself is stored nowhere.
    fingerprint BLOB NOT NULL PRIMARY KEY,
    -- JSON: who signed in, and how.
    holder TEXT NOT NULL,
    -- When.
    created INTEGER NOT NULL,
    -- When it ends by itself.
    expires INTEGER NOT NULL,
    -- CRC-32 of the columns above.
    row_check INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_end ON session (expires);
