"""Processes of the benchmark: started on a stated core, measured through /proc, ended by id."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Process:
    """A server that runs on one core until `stop`. Its output goes to a log that a failure prints."""

    def __init__(self, name, command, core, log, env=None):
        self.name = name
        self.log = Path(log)
        self._log_file = open(self.log, "wb")
        self._child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=self._log_file,
            stderr=subprocess.STDOUT,
            env=None if env is None else {**os.environ, **env},
            preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
            start_new_session=True,
        )

    def wait_for_port(self, port, seconds=15):
        """Polls until the port answers; raises with the log when the process ends or time is up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._child.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self._child.returncode}:\n{self.tail()}")
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"{self.name} did not listen on {port} within {seconds} s:\n{self.tail()}")

    def cpu_seconds(self):
        """User and system time so far of the process, its threads and its children."""
        return sum(_ticks(pid) for pid in _tree(self._child.pid)) / TICKS_PER_SECOND

    def resident_mib(self):
        return sum(_resident_kib(pid) for pid in _tree(self._child.pid)) / 1024

    def tail(self, lines=30):
        self._log_file.flush()
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self):
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(10)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait(10)
        self._log_file.close()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _tree(pid):
    """The process and all its descendants."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def _ticks(pid):
    # The name in parentheses may hold blanks, so count from the last parenthesis: utime and stime are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _resident_kib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
