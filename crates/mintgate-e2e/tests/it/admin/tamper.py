"""Alters the audit log of a store as somebody would who can write the file and knows how rows are checked and chained.

tamper.py DATABASE HOW prints the number of the entry that must be found.
"""

import hashlib
import sqlite3
import struct
import sys
import zlib

COLUMNS = "seq, entry, hash, at, actor, actor_id, action, target, target_name, bucket, refused"


class Check:
    def __init__(self, table):
        self.bytes = b""
        self.text(table)

    def blob(self, value):
        self.bytes += struct.pack("<Q", len(value)) + value
        return self

    def text(self, value):
        return self.blob(value.encode())

    def integer(self, value):
        self.bytes += struct.pack("<q", value)
        return self

    def optional(self, value):
        return self.integer(0) if value is None else self.integer(1).text(value)

    def done(self):
        return zlib.crc32(self.bytes)


def row_check(row):
    seq, entry, digest, at, actor, actor_id, action, target, name, bucket, refused = row
    check = Check("audit").integer(seq).text(entry).blob(digest).integer(at).text(actor).optional(actor_id)
    return check.text(action).text(target).optional(name).optional(bucket).integer(refused).done()


def check_again(db, seq):
    row = db.execute(f"SELECT {COLUMNS} FROM audit WHERE seq = ?", (seq,)).fetchone()
    db.execute("UPDATE audit SET row_check = ? WHERE seq = ?", (row_check(row), seq))


def put(db, seq, entry):
    """An entry with the hash and the check that belong to it."""
    digest = hashlib.sha256(entry.encode()).digest()
    db.execute("UPDATE audit SET entry = ?, hash = ? WHERE seq = ?", (entry, digest, seq))
    check_again(db, seq)
    return digest


def entry(db, seq):
    return db.execute("SELECT entry FROM audit WHERE seq = ?", (seq,)).fetchone()[0]


def rewrite(db, seq, last):
    """An altered entry, and all later ones chained to it anew."""
    before = db.execute("SELECT hash FROM audit WHERE seq = ?", (seq,)).fetchone()[0]
    digest = put(db, seq, entry(db, seq).replace('"subject":"alice"', '"subject":"mallory"'))
    for later in range(seq + 1, last + 1):
        old = before.hex()
        before = db.execute("SELECT hash FROM audit WHERE seq = ?", (later,)).fetchone()[0]
        digest = put(db, later, entry(db, later).replace(old, digest.hex()))
    return digest


def head(db, seq, digest):
    """The store's own row with another end of the log; its seal is beyond somebody without the master key."""
    db.execute("UPDATE store SET audit_entries = ?, audit_head = ?", (seq, digest))
    row = db.execute(
        "SELECT master_check, revision, bucket_rows, bucket_sum, consumer_rows, consumer_sum, live_key_rows,"
        " live_key_sum, revoked_key_rows, revoked_key_sum, signing_key_rows, signing_key_sum, admin_token_rows,"
        " admin_token_sum, audit_seal, row_check FROM store"
    ).fetchone()
    check = Check("store").blob(row[0])
    for number in row[1:14]:
        check.integer(number)
    check.blob(struct.pack("<Q", seq)).blob(digest).blob(row[14])
    db.execute("UPDATE store SET row_check = ?", (check.done(),))


def main(database, how):
    db = sqlite3.connect(database)
    (last,) = db.execute("SELECT max(seq) FROM audit").fetchone()
    (seq,) = db.execute("SELECT seq FROM audit WHERE target_name = 'alice'").fetchone()
    assert seq < last - 1, "entries must follow"
    found = seq
    if how == "alter":
        db.execute("UPDATE audit SET entry = ? WHERE seq = ?", (entry(db, seq).replace("alice", "mallo"), seq))
    elif how == "alter-with-checks":
        # The hash and the check are right; the next entry still has the old hash.
        put(db, seq, entry(db, seq).replace('"subject":"alice"', '"subject":"mallory"'))
        found = seq + 1
    elif how == "alter-column":
        db.execute("UPDATE audit SET actor = 'nobody' WHERE seq = ?", (seq,))
        check_again(db, seq)
    elif how == "remove":
        db.execute("DELETE FROM audit WHERE seq = ?", (seq,))
    elif how == "move":
        for old, new in [(seq, -1), (seq + 1, seq), (-1, seq + 1)]:
            db.execute("UPDATE audit SET seq = ? WHERE seq = ?", (new, old))
        check_again(db, seq)
        check_again(db, seq + 1)
    elif how == "cut":
        db.execute("DELETE FROM audit WHERE seq = ?", (last,))
        found = last
    elif how == "rewrite":
        # Everything fits but the end, and, once the log goes on, what follows it.
        rewrite(db, seq, last)
        found = last
    elif how == "rewrite-with-head":
        head(db, last, rewrite(db, seq, last))
    elif how == "cut-with-head":
        db.execute("DELETE FROM audit WHERE seq = ?", (last,))
        (digest,) = db.execute("SELECT hash FROM audit WHERE seq = ?", (last - 1,)).fetchone()
        head(db, last - 1, digest)
    else:
        sys.exit(f"no way called {how}")
    db.commit()
    db.close()
    print(found)


main(sys.argv[1], sys.argv[2])
