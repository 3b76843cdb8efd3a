//! Whose turn it is on the processor: requests before management.
//!
//! A worker wakes for every request, works for microseconds and sleeps. If a thread of management was picked meanwhile, the
//! worker waits until that one's slice of some milliseconds is over: several times what the request takes. So the threads of
//! the data plane ask for short slices, which lets them interrupt those with longer ones (Linux 6.12 and later), and
//! management is nice.
//!
//! Threads inherit both from the thread that starts them: workers and mint threads from the main thread, the store's from
//! those of the admin runtime.

use std::{io, mem, time::Duration};

use crate::config::AdminPriority;

/// Takes what the data plane has, for this thread.
pub(crate) fn take_for_requests() {
    told("requests", change(|schedule| schedule.sched_runtime = nanos(SHORT_SLICE)));
}

/// Takes what management has, for this thread.
pub(crate) fn take_for_management(priority: AdminPriority) {
    let outcome = change(|schedule| {
        schedule.sched_runtime = nanos(LONG_SLICE);
        match priority {
            AdminPriority::Normal => schedule.sched_nice = schedule.sched_nice.max(NICENESS),
            // Whoever is idle goes at once, short slices or not.
            AdminPriority::Idle => schedule.sched_policy = IDLE,
        }
    });
    told("management", outcome);
}

/// Without the right to, or on a system without it, the thread works all the same.
fn told(whose: &str, outcome: io::Result<()>) {
    if let Err(error) = outcome {
        tracing::debug!(%error, "{whose}: the usual turns on the processor");
    }
}

/// Changes what this thread has, unless somebody gave it a policy of their own (`chrt`).
fn change(how: impl FnOnce(&mut libc::sched_attr)) -> io::Result<()> {
    let mut schedule = current()?;
    if schedule.sched_policy != NORMAL {
        return Ok(());
    }
    how(&mut schedule);
    #[expect(unsafe_code, reason = "libraries that are kept up have no call for slices")]
    // SAFETY: the kernel reads `size` bytes of a structure that lives here; 0 is this thread.
    let answer = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const schedule, 0) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What this thread has.
fn current() -> io::Result<libc::sched_attr> {
    let mut schedule = libc::sched_attr {
        size: 0,
        sched_policy: 0,
        sched_flags: 0,
        sched_nice: 0,
        sched_priority: 0,
        sched_runtime: 0,
        sched_deadline: 0,
        sched_period: 0,
    };
    #[expect(unsafe_code, reason = "libraries that are kept up have no call for slices")]
    // SAFETY: the kernel writes at most as many bytes as it is told that there are; 0 is this thread.
    let answer = unsafe {
        libc::syscall(libc::SYS_sched_getattr, 0, &raw mut schedule, mem::size_of::<libc::sched_attr>(), 0)
    };
    if answer == 0 { Ok(schedule) } else { Err(io::Error::last_os_error()) }
}

fn nanos(slice: Duration) -> u64 {
    u64::try_from(slice.as_nanos()).expect("some milliseconds")
}

/// The shortest that Linux gives.
const SHORT_SLICE: Duration = Duration::from_micros(100);
/// What a processor with eight cores has by default.
const LONG_SLICE: Duration = Duration::from_millis(3);
/// A tenth of the processor time of those who are not nice.
const NICENESS: i32 = 10;
/// `SCHED_OTHER`, sched(7).
const NORMAL: u32 = 0;
/// `SCHED_IDLE`, sched(7).
const IDLE: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a thread that does this, and of one that it starts.
    fn taken(take: impl FnOnce() + Send + 'static) -> [(u32, i32, u64); 2] {
        let own = || {
            let schedule = current().expect("Linux tells");
            (schedule.sched_policy, schedule.sched_nice, schedule.sched_runtime)
        };
        let thread = std::thread::spawn(move || {
            take();
            [own(), std::thread::spawn(own).join().expect("it does not panic")]
        });
        thread.join().expect("it does not panic")
    }

    #[test]
    fn management_and_the_threads_that_it_starts_come_after_requests() {
        let [usual, _] = taken(|| ());
        let nice = usual.1.max(NICENESS);
        let slices = |policy, nice, slice: Duration| {
            let (policy, nice) = (policy, nice);
            // Kernels before 6.12 have no slices that can be asked for, and tell none.
            move |(is_policy, is_nice, is_slice): (u32, i32, u64)| {
                (is_policy, is_nice) == (policy, nice) && (is_slice == nanos(slice) || is_slice == usual.2)
            }
        };
        let requests = taken(take_for_requests);
        assert!(requests.into_iter().all(slices(NORMAL, usual.1, SHORT_SLICE)), "{requests:?}");
        let normal = taken(|| take_for_management(AdminPriority::Normal));
        assert!(normal.into_iter().all(slices(NORMAL, nice, LONG_SLICE)), "{normal:?}");
        let idle = taken(|| take_for_management(AdminPriority::Idle));
        assert!(idle.iter().all(|(policy, ..)| *policy == IDLE), "{idle:?}");
    }
}
