//! Usage: how many requests there were, by key, consumer and bucket, by the hour and the day.
//!
//! Nobody decides by it, so it takes no revision, and losing some of it (never what was confirmed) breaks nothing.

use async_trait::async_trait;
use mintgate_types::{
    BucketName, ConsumerId, ConsumerName, KeyId, RefusalReason, RequestCounts, Timestamp, UsageHour,
    UsageStep,
};

use crate::{StoreError, Within};

/// What was counted since somebody last handed it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageBatch {
    /// By key.
    pub keys: Vec<KeyUse>,
    /// By reason.
    pub refusals: Vec<RefusalCount>,
}

/// How a key was used in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUse {
    /// Which key.
    pub key: KeyId,
    /// When.
    pub hour: UsageHour,
    /// How many requests.
    pub counts: RequestCounts,
    /// When the first and the last request came that was let through; `None` if none was.
    pub used: Option<(Timestamp, Timestamp)>,
}

/// How often requests were refused for a reason in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalCount {
    /// When.
    pub hour: UsageHour,
    /// Why.
    pub reason: RefusalReason,
    /// How often.
    pub count: u64,
}

/// From one period up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageSpan {
    /// Which periods.
    pub step: UsageStep,
    /// The number of the first.
    pub from: u32,
    /// The number after the last.
    pub until: u32,
}

/// Whose usage is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageOf {
    /// That of all consumers in these buckets, those removed meanwhile among them.
    All(Within),
    /// A consumer's, over all keys that it had.
    Consumer {
        /// Where it lives.
        bucket: BucketName,
        /// Which.
        id: ConsumerId,
    },
    /// A key's.
    Key {
        /// Where its consumer lives.
        bucket: BucketName,
        /// Which.
        id: KeyId,
    },
}

/// The requests of one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsagePoint {
    /// Its number among the periods of the step.
    pub period: u32,
    /// How many.
    pub counts: RequestCounts,
}

/// The refusals of one period for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalPoint {
    /// Its number among the periods of the step.
    pub period: u32,
    /// Why.
    pub reason: RefusalReason,
    /// How many.
    pub count: u64,
}

/// Who is ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopBy {
    /// Consumers.
    Consumer,
    /// Keys.
    Key,
}

/// Who is wanted among those with the most requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopRequest {
    /// Who is ranked.
    pub by: TopBy,
    /// In which time.
    pub span: UsageSpan,
    /// In these buckets only.
    pub within: Within,
    /// How many at the most.
    pub limit: u32,
}

/// One of those with the most requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopEntry {
    /// The consumer.
    pub consumer: ConsumerId,
    /// Where it lives.
    pub bucket: BucketName,
    /// Its name now.
    pub name: ConsumerName,
    /// The key, where keys are ranked.
    pub key: Option<KeyId>,
    /// How many requests.
    pub counts: RequestCounts,
}

/// Counts in the store.
#[async_trait]
pub trait Usage: Send + Sync {
    /// Adds what was counted: to the hour and the day, of the key, its consumer and its bucket; and notes when keys were
    /// first and last used, of which the earliest and the latest stay. All or nothing, no revision, no audit entry.
    /// Keys that do not exist are passed over.
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), StoreError>;

    /// The periods of the span with any requests, in order. A removed consumer or key has none; what it had stays in
    /// the sums of its bucket.
    async fn usage(&self, of: &UsageOf, span: UsageSpan) -> Result<Vec<UsagePoint>, StoreError>;

    /// Those with the most requests that were let through, most first. Removed ones are left out.
    async fn top_usage(&self, request: &TopRequest) -> Result<Vec<TopEntry>, StoreError>;

    /// The refusals of the span, by period and reason.
    async fn refusals(&self, span: UsageSpan) -> Result<Vec<RefusalPoint>, StoreError>;

    /// Forgets periods of a step before this one, `limit` rows at the most. False when none are left.
    async fn trim_usage(&self, step: UsageStep, before: u32, limit: u32) -> Result<bool, StoreError>;
}
