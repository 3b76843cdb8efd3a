//! One running `mintgate serve`.

use std::{
    path::Path,
    process::{Child, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{PATIENCE, binary::mintgate, log::Log};

/// A process that ends when this value does.
pub struct Process {
    child: Child,
    log: Log,
    ended: bool,
}

impl Process {
    /// Starts `mintgate serve` and waits until it serves; `Err` holds its log if it ended instead.
    pub(crate) fn serve(config: &Path, log: &Log, environment: &[(String, String)]) -> Result<Self, String> {
        let from = log.len();
        let mut child = mintgate()
            .args(["serve", "--config"])
            .arg(config)
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        log.follow(child.stderr.take().expect("stderr is a pipe"));
        let mut process = Self { child, log: log.clone(), ended: false };
        let serving =
            log.wait_for(from, PATIENCE, |line| line.contains("serving") && line.contains("data.addresses"));
        if serving.is_some() {
            return Ok(process);
        }
        process.kill();
        Err(log.text())
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to it.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process has a number");
        if !self.ended {
            // It may have ended by itself, which is for the caller to notice.
            let _ = kill_process(id, signal);
        }
    }

    /// Waits for it to end by itself.
    pub fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        if !self.log.wait_for_end(patience) {
            return None;
        }
        self.ended = true;
        Some(self.child.wait().expect("it is our child"))
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.child.wait().expect("it is our child");
        self.log.wait_for_end(PATIENCE);
        self.ended = true;
    }

    /// A number of kilobytes from `/proc/PID/status`, such as `VmHWM`.
    #[must_use]
    pub fn memory_kb(&self, field: &str) -> u64 {
        let path = format!("/proc/{}/status", self.id());
        let status = std::fs::read_to_string(path).expect("it runs");
        let line = status.lines().find(|line| line.starts_with(field)).expect("the kernel tells this field");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.ended {
            self.kill();
        }
    }
}
