//! What every backend promises, one test a promise. A backend's tests say how to make an empty store:
//!
//! ```ignore
//! async fn empty_store() -> (SqliteStore, TempDir) { … }
//! mintgate_store::conformance!(empty_store);
//! ```
//!
//! What comes second in the pair is kept until the test is over. Each promise becomes a `#[tokio::test]` of its own
//! name, so a backend's crate needs tokio with `macros`, `rt-multi-thread` and `time`.

pub mod admin_tokens;
pub mod audit;
pub mod buckets;
pub mod bulk;
pub mod changes;
pub mod concurrency;
pub mod consumers;
pub mod import;
pub mod keys;
pub mod load;
pub mod managers;
pub mod model;
pub mod receipts;
pub mod roll;
mod sample;
pub mod search;
pub mod sessions;
pub mod signing_keys;
pub mod usage;

/// Expands to the whole suite. Takes the path of an `async fn() -> (impl Store, impl Sized)`.
#[macro_export]
macro_rules! conformance {
    ($empty_store:path) => {
        $crate::conformance_promises! {
            $empty_store;
            buckets: a_bucket_is_found_by_its_name_and_listed_in_order,
                a_bucket_name_is_taken_once,
                an_absent_bucket_is_none;
            bulk: holders_are_made_with_their_keys_under_one_revision,
                holders_are_made_all_or_none,
                many_keys_are_revoked_under_one_revision,
                a_bucket_gets_another_prefix,
                a_bucket_is_deleted_when_it_is_empty;
            consumers: a_consumer_comes_back_as_it_went_in,
                a_consumer_needs_its_bucket,
                a_consumer_name_is_unique_within_its_bucket_only,
                a_consumer_id_is_unique,
                an_absent_consumer_is_none,
                consumers_come_in_pages_by_bucket_and_name,
                consumers_are_filtered_by_bucket_and_by_the_beginning_of_their_name,
                a_page_shifts_by_nothing_that_is_inserted_meanwhile,
                an_update_changes_what_it_names_and_nothing_else,
                an_update_that_changes_nothing_takes_no_revision,
                a_stale_update_is_refused_and_changes_nothing,
                a_rename_to_a_taken_name_is_refused,
                a_disabled_consumer_is_enabled_again,
                a_removed_consumer_takes_its_keys_along,
                a_stale_removal_is_refused_and_removes_nothing,
                what_was_removed_may_be_made_again,
                the_largest_metadata_fits,
                times_are_kept_to_the_microsecond;
            keys: a_key_comes_back_as_it_went_in,
                a_key_needs_its_consumer,
                a_key_is_unique_by_id_and_by_fingerprint,
                many_keys_are_created_under_one_revision,
                many_keys_are_created_all_or_none,
                creating_no_keys_takes_no_revision,
                keys_come_in_pages_by_id,
                a_page_of_at_most_none_has_one,
                a_key_update_changes_what_it_names_and_nothing_else,
                a_key_update_that_changes_nothing_takes_no_revision,
                an_expiry_is_set_moved_and_removed,
                a_stale_key_update_is_refused,
                a_revoked_key_is_not_updated,
                an_absent_key_is_none,
                a_revoked_key_stays_and_says_when_and_why,
                revoking_a_revoked_key_changes_nothing,
                keys_are_counted;
            import: an_import_makes_consumers_and_keys_under_one_revision,
                an_import_that_fails_does_nothing,
                importing_nothing_takes_no_revision,
                keys_are_found_by_fingerprint_in_the_order_asked,
                consumers_are_found_by_name_in_the_order_asked;
            roll: a_roll_makes_a_successor_and_ends_the_old_ones_later,
                a_key_that_was_rolled_keeps_the_earlier_end,
                a_roll_that_replaces_nothing_creates_a_key,
                a_roll_that_fails_does_nothing,
                of_two_rolls_of_one_revision_one_wins,
                a_rolled_key_can_be_revoked_and_changed;
            managers: consumers_are_found_by_those_who_manage_them,
                managed_consumers_follow_every_change,
                managed_consumers_come_in_pages_by_bucket_and_name;
            search: consumers_are_found_by_a_part_of_name_subject_or_tag_in_any_case,
                consumers_are_found_by_the_labels_and_ids_of_their_keys,
                what_is_found_follows_what_changes,
                consumers_are_filtered_by_tag_metadata_and_state,
                consumers_are_found_by_what_their_metadata_and_tags_became,
                a_consumer_is_found_by_each_of_very_many_values,
                found_consumers_come_in_every_order_page_by_page,
                keys_are_filtered_by_how_they_stand,
                keys_are_filtered_by_who_holds_them_and_what_they_are;
            signing_keys: a_new_store_has_no_signing_keys,
                signing_keys_come_back_oldest_first,
                a_signing_key_moves_through_its_states,
                a_stale_change_of_signing_keys_does_nothing,
                a_change_of_signing_keys_that_fails_does_nothing,
                other_changes_do_not_make_it_stale;
            changes: every_change_takes_the_next_revision,
                what_fails_takes_no_revision,
                everything_changed_since_the_beginning,
                nothing_changed_since_now,
                a_revision_from_the_future_is_answered_with_the_present,
                changes_come_in_whole_transactions,
                a_transaction_beyond_the_limit_comes_whole,
                removals_are_told,
                what_was_removed_and_made_again_is_both,
                a_revoked_key_is_told_and_not_loaded,
                only_signing_keys_raise_their_flag;
            load: an_empty_store_loads_as_nothing,
                consumers_are_loaded_before_keys,
                everything_live_is_loaded_as_it_is,
                a_load_is_one_moment_while_others_write;
            admin_tokens: an_admin_token_comes_back_as_it_went_in,
                the_name_of_an_active_admin_token_is_taken,
                a_rolled_admin_token_goes_on_until_its_grace_is_over,
                only_an_active_admin_token_is_rolled,
                a_revoked_admin_token_stays_and_says_when,
                an_absent_admin_token_is_none;
            audit: every_change_leaves_entries_of_its_own,
                an_entry_says_who_did_what_from_where_and_when,
                what_fails_or_changes_nothing_leaves_no_entry,
                an_import_is_one_entry_with_counts,
                a_refused_attempt_is_noted_without_a_revision,
                r38_no_entry_has_a_fingerprint_or_a_sealed_key,
                entries_are_chained_so_that_anybody_can_follow,
                an_entry_that_somebody_noted_must_be_there,
                a_new_store_has_an_empty_log,
                entries_come_in_pages_from_either_end,
                entries_are_filtered,
                changes_at_once_leave_one_chain;
            sessions: a_session_comes_back_as_it_went_in_and_is_gone_when_it_was_ended,
                sessions_take_no_revision_and_leave_their_entries,
                sessions_whose_time_is_over_are_forgotten;
            receipts: whatever_is_made_keeps_its_receipt,
                a_change_of_signing_keys_keeps_its_receipt,
                what_is_made_without_a_receipt_is_made_all_the_same,
                what_has_a_receipt_is_not_made_again,
                what_is_refused_keeps_no_receipt,
                what_its_receipt_refuses_is_not_made,
                a_receipt_that_has_expired_gives_way,
                receipts_whose_time_is_over_are_forgotten_some_at_a_time,
                of_many_creations_with_one_receipt_one_is_made;
            usage: what_was_counted_adds_up_by_hour_and_by_day,
                usage_takes_no_revision,
                the_first_and_the_last_use_of_a_key_are_the_earliest_and_the_latest,
                a_refused_request_is_no_use_of_a_key,
                unknown_keys_are_passed_over,
                a_batch_that_names_a_key_twice_counts_both,
                a_removed_consumer_stays_in_the_sums_of_its_bucket,
                the_most_requests_come_first,
                refusals_add_up_by_reason,
                old_periods_are_forgotten_step_by_step,
                a_span_of_nothing_has_no_points,
                keys_that_were_not_used_for_long_are_found,
                usage_at_once_from_many_is_summed;
            concurrency: creations_at_once_each_take_a_revision_of_their_own,
                of_many_that_want_a_name_one_gets_it,
                of_many_updates_of_one_revision_one_wins,
                of_many_rotations_one_wins,
                a_caller_that_goes_away_leaves_the_store_whole;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn changes_from_any_revision_lead_to_what_a_load_gives() {
            $crate::conformance::model::changes_from_any_revision_lead_to_what_a_load_gives(async || {
                let (store, guard) = $empty_store().await;
                let store: Box<dyn $crate::Store> = Box::new(store);
                (store, guard)
            })
            .await;
        }
    };
}

/// For [`conformance!`] alone.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_promises {
    ($empty_store:path; $($module:ident: $($promise:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let (store, _guard) = $empty_store().await;
                $crate::conformance::$module::$promise(&store).await;
            }
        )+)+
    };
}
