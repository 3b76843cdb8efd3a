-- How many requests there were. Periods are numbered from 1970, UTC: hours where `step` is 0, days where it is 1; a request
-- is counted under both at once. Things are named by their ids and not by serials, which are given again after a
-- removal. Counts have no check: nobody decides by them.

CREATE TABLE bucket_usage (
    -- 0 an hour, 1 a day.
    step INTEGER NOT NULL CHECK (step IN (0, 1)),
    -- Which hour or day.
    period INTEGER NOT NULL,
    -- The bucket's name. No reference: what happened stays.
    bucket TEXT NOT NULL,
    -- Requests let through and answered with 2xx.
    answered_2xx INTEGER NOT NULL,
    -- With 3xx.
    answered_3xx INTEGER NOT NULL,
    -- With 4xx.
    answered_4xx INTEGER NOT NULL,
    -- With 5xx.
    answered_5xx INTEGER NOT NULL,
    -- Requests with a known key that the gate refused.
    refused INTEGER NOT NULL,
    PRIMARY KEY (step, period, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE consumer_usage (
    -- 0 an hour, 1 a day.
    step INTEGER NOT NULL CHECK (step IN (0, 1)),
    -- Which hour or day.
    period INTEGER NOT NULL,
    -- Where the consumer lives.
    bucket TEXT NOT NULL,
    -- The consumer's id; it may have been removed since.
    consumer TEXT NOT NULL,
    -- Requests let through and answered with 2xx.
    answered_2xx INTEGER NOT NULL,
    -- With 3xx.
    answered_3xx INTEGER NOT NULL,
    -- With 4xx.
    answered_4xx INTEGER NOT NULL,
    -- With 5xx.
    answered_5xx INTEGER NOT NULL,
    -- Requests with a known key that the gate refused.
    refused INTEGER NOT NULL,
    PRIMARY KEY (step, period, bucket, consumer)
) STRICT, WITHOUT ROWID;

CREATE TABLE key_usage (
    -- 0 an hour, 1 a day.
    step INTEGER NOT NULL CHECK (step IN (0, 1)),
    -- Which hour or day.
    period INTEGER NOT NULL,
    -- Where the key's consumer lives.
    bucket TEXT NOT NULL,
    -- The key's id; it may have been removed since.
    key TEXT NOT NULL,
    -- Requests let through and answered with 2xx.
    answered_2xx INTEGER NOT NULL,
    -- With 3xx.
    answered_3xx INTEGER NOT NULL,
    -- With 4xx.
    answered_4xx INTEGER NOT NULL,
    -- With 5xx.
    answered_5xx INTEGER NOT NULL,
    -- Requests with this key that the gate refused.
    refused INTEGER NOT NULL,
    -- When the last request of the period came that was let through; 0 if none was.
    last_used INTEGER NOT NULL,
    -- CRC-32 of the key's id and last_used.
    last_used_check INTEGER NOT NULL,
    PRIMARY KEY (step, period, bucket, key)
) STRICT, WITHOUT ROWID;

-- What the gate refused, with a known key or without.
CREATE TABLE refusal_count (
    -- 0 an hour, 1 a day.
    step INTEGER NOT NULL CHECK (step IN (0, 1)),
    -- Which hour or day.
    period INTEGER NOT NULL,
    -- Why, as a code.
    reason TEXT NOT NULL,
    -- How often.
    count INTEGER NOT NULL,
    PRIMARY KEY (step, period, reason)
) STRICT, WITHOUT ROWID;

-- When a request with the key was first let through. `last_used` is from now on written once an hour: the first use in the
-- hour of the last one. The very last use stands in `key_usage`.
ALTER TABLE api_key ADD COLUMN first_used INTEGER;
-- CRC-32 of id and first_used.
ALTER TABLE api_key ADD COLUMN first_used_check INTEGER CHECK ((first_used IS NULL) = (first_used_check IS NULL));

-- For keys that were not used for long. Written when `last_used` is: once an hour for a key in use.
CREATE INDEX api_key_by_use ON api_key (coalesce(last_used, created)) WHERE state <> 2;
