"""Runs a process and accounts for it."""

import os
import sys
import tempfile
from dataclasses import dataclass

# Peers call home unless told not to; what a library does for its makers is not its work.
QUIET = {"DO_NOT_TRACK": "1", "NML_DISABLE_USAGE_LOGGING": "1", "WHYLOGS_NO_ANALYTICS": "True"}


@dataclass(frozen=True)
class Run:
    """CPU seconds of a process and those that it waited for, its peak memory in MiB, and its output."""

    cpu: float
    memory: float
    output: str


def measure(command):
    """Runs a command to its end; one that fails ends this program.

    The peak is that of the process, or of the largest one that it started; this program must stay small
    itself, for what a parent holds is counted before the child becomes another program.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.posix_spawn(
            command[0],
            command,
            os.environ | QUIET,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
            ],
        )
        _, status, usage = os.wait4(child, 0)
        # Keepwell's exit code 1 says that it found something.
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            errors.seek(0)
            sys.exit(f"failed: {' '.join(command)}\n{errors.read().decode(errors='replace')[-4000:]}")
        output.seek(0)
        return Run(
            usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.read().decode(errors="replace")
        )
