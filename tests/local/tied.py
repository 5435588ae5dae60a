"""Runs a command that must not outlive whoever holds our standard input open: when it closes, the command is ended.

A pipe closes however its holder ended: done, failed, interrupted or killed. Signals are passed on to the command.
The first argument names the file that is made when it has ended, the others are the command.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

SECONDS_TO_STOP: Final = 200


def end_with_input(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of standard input, then ask the command to stop, and insist if that takes too long."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    pass_on(process, signal.SIGTERM)
    time.sleep(SECONDS_TO_STOP)
    pass_on(process, signal.SIGKILL)


def pass_on(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the command and what it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def main() -> int:
    """Run the command until it ends by itself or is told to."""
    ended, *command = sys.argv[1:]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda number, _: pass_on(process, number))
    threading.Thread(target=end_with_input, args=[process], daemon=True).start()
    status = process.wait()
    Path(ended).touch()
    return status


if __name__ == "__main__":
    sys.exit(main())
