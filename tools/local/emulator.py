"""The AWS emulator: started on 127.0.0.1 with its state in a folder, stopped cleanly, gone with us."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import boto3

ROOT: Final = Path(__file__).resolve().parents[2]
REGION: Final = "us-east-1"
HOST: Final = "127.0.0.1"
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 60


class LocalStackError(RuntimeError):
    """Something that the person at the keyboard can mend; the message is the one line to print."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A running emulator; ``log`` is where it and every function's standard error write."""

    url: str
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """Our environment, with what makes any AWS client speak with the emulator and nobody else."""
        return own_environment() | {"AWS_ENDPOINT_URL": self.url}

    def session(self) -> boto3.Session:
        """Return a session whose clients still need ``endpoint_url``."""
        return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106 - the emulator accepts anything


def own_environment() -> dict[str, str]:
    """Return our environment with credentials of no worth in the place of any real ones of this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "VIRTUAL_ENV"))}
    return kept | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def ensure_free(port: int) -> None:
    """Refuse a port that somebody else listens on.

    Raises:
        LocalStackError: the port is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = f"port {port} of {HOST} is taken: stop what listens there, or say make run PORT=…"
            raise LocalStackError(message) from error


@contextmanager
def emulator(*, python: Path, port: int, state: Path | None, enforce: bool = False) -> Iterator[Emulator]:
    """Run the emulator with the given interpreter of its environment.

    Args:
        python: the interpreter that has MiniStack.
        port: where to listen on 127.0.0.1.
        state: the folder that keeps everything across starts; None keeps nothing.
        enforce: whether it refuses what the roles of the deployed template do not allow. Beside its log it then
            writes, as ``rights.log``, who wanted to do what on what.
    """
    ensure_free(port)
    scratch = Path(tempfile.mkdtemp(prefix="marketplace-"))
    folder = (state or scratch).resolve()  # the emulator lives in another folder than we may
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "emulator.log"
    log.write_bytes(b"")
    process = subprocess.Popen(  # noqa: S603 - our own tool with our own arguments
        [python.absolute(), "-m", "tools.local.emulator_process", log, scratch],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        env=_environment(port=port, state=state, scratch=scratch) | (_enforcing(folder) if enforce else {}),
        start_new_session=True,  # Ctrl-C is ours: we stop it when we are done with it
    )
    try:
        running = Emulator(url=f"http://{HOST}:{port}", log=log)
        _wait_until_ready(running, process)
        yield running
    finally:
        _stop(process)
        shutil.rmtree(scratch, ignore_errors=True)


def _environment(*, port: int, state: Path | None, scratch: Path) -> dict[str, str]:
    settings = {
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",  # it would clean up containers, and we need none
        "TMPDIR": str(scratch),
        "LOG_LEVEL": "WARNING",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    if state is not None:
        settings |= {
            "PERSIST_STATE": "1",
            "STATE_DIR": str(state.resolve() / "aws"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(state.resolve() / "s3"),
        }
    # No AWS_ENDPOINT_URL: the emulator gives its functions its own address.
    return own_environment() | settings


def _enforcing(folder: Path) -> dict[str, str]:
    log = folder / "rights.log"
    log.write_bytes(b"")
    return {"AUTH": "true", "RIGHTS_LOG": str(log)}


def _wait_until_ready(running: Emulator, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{running.url}/_ministack/ready", timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    message = f"the emulator did not start; its log ends with:\n{tail(running.log)}"
    raise LocalStackError(message)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask for a clean stop, which saves the state, and insist if that takes too long."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        print("the emulator did not stop in time; changes since the start may be lost", file=sys.stderr)
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def tail(log: Path, lines: int = 30) -> str:
    """Return the last lines of a log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
