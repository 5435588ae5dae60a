"""Runs MiniStack in its own environment with our patches, and ends with its parent.

The first argument names the file that its log goes to, the second a folder of things that nobody needs afterwards.
Standard input must be a pipe that the parent holds open: when it closes, however the parent ended, the emulator stops
cleanly, saves its state and clears that folder away. ``EMULATOR_WITHOUT`` names patches to leave out, to see which
test needs them.
"""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from ministack import app

from tools.local.emulator_patches.catalogue import apply_patches


def stop_with_parent(orphaned: threading.Event) -> None:
    """Wait for the end of standard input, then ask this process for a clean stop."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve until told to stop."""
    scratch = sys.argv.pop(2)
    with Path(sys.argv.pop(1)).open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    apply_patches(
        scratch=Path(scratch),
        rights_log=os.environ.get("RIGHTS_LOG"),
        without=frozenset(os.environ.get("EMULATOR_WITHOUT", "").split()),
    )
    orphaned = threading.Event()
    threading.Thread(target=stop_with_parent, args=[orphaned], daemon=True).start()
    try:
        app.main()
    finally:
        if orphaned.is_set():
            shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
