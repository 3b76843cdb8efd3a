//! How much processor time management gets beside requests.
//!
//! Threads inherit it from the thread that starts them, so the store's threads have it if a thread of the admin runtime asks for
//! them. Workers and mint threads are started by the main thread, which keeps its own.

use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
    thread_native_id,
};

use crate::config::AdminPriority;

/// Takes it for this thread. Without the right to, the thread works all the same.
pub(crate) fn take(priority: AdminPriority) {
    if priority == AdminPriority::Normal {
        return;
    }
    // Niceness is not enough: the scheduler lets a nice thread that was picked finish its slice of some milliseconds before a
    // worker that woke up meanwhile. Whoever is idle goes at once.
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
        tracing::warn!(%error, "management runs at normal priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_thread_and_those_that_it_starts_are_idle() {
        let policies = |priority| {
            let mine = move || {
                take(priority);
                let inherited = std::thread::spawn(policy).join().expect("it does not panic");
                (policy(), inherited)
            };
            std::thread::spawn(mine).join().expect("it does not panic")
        };
        assert_eq!(policies(AdminPriority::Normal), (policy(), policy()));
        assert_eq!(policies(AdminPriority::Idle), (SCHED_IDLE, SCHED_IDLE));
    }

    /// Of this thread; field 41 of what proc(5) says of it.
    fn policy() -> u32 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("Linux tells");
        let (_, rest) = stat.rsplit_once(')').expect("the name ends");
        rest.split_whitespace().nth(38).and_then(|policy| policy.parse().ok()).expect("a number")
    }

    const SCHED_IDLE: u32 = 5;
}
