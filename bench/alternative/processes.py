"""A throwaway PostgreSQL with the server before it, and how much processor time both have used."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import mkdtemp
from typing import Final, final

from tests.local.running import free_port
from tools.local.emulator import ROOT

SCHEMA: Final = Path(__file__).with_name("schema.sql")
_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
_PATIENCE_SECONDS: Final = 30.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The server and its database."""

    port: int
    token_key: str
    database: str
    """The address, as libpq and asyncpg read it."""
    server_pid: int
    database_pid: int

    def spent(self) -> tuple[float, float]:
        """Return the milliseconds of CPU that the server and the database have used since they started."""
        return milliseconds_of(self.server_pid), milliseconds_of(self.database_pid)


def milliseconds_of(pid: int) -> float:
    """Return the CPU that a process, its living descendants and those it has buried have used."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
        parents[int(stat.parent.name)] = int(fields[1])
        ticks[int(stat.parent.name)] = sum(map(int, fields[11:15]))  # proc_pid_stat(5): utime, stime, cutime, cstime
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(ticks.get(member, 0) for member in family) * 1_000 / _TICKS_A_SECOND


def programs_folder() -> Path:
    """Return where Debian keeps the newest PostgreSQL's programs.

    Raises:
        FileNotFoundError: there is none.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[4]))
    if not found:
        message = "PostgreSQL of Debian is not installed: make postgresql does so"
        raise FileNotFoundError(message)
    return found[-1].parent


@contextmanager
def running() -> Iterator[Running]:
    """Start both in a folder on disk, yield where they are, and leave nothing behind.

    PostgreSQL keeps its defaults: every commit is on disk before it is answered. It refuses to run as root, so it runs
    as the package's own user there.
    """
    folder = Path(mkdtemp(prefix="bench-postgresql-", dir="/var/tmp"))  # /tmp may be memory, where a commit is free
    owner = "postgres" if os.geteuid() == 0 else None
    if owner:
        shutil.chown(folder, owner, owner)
    try:
        with _database(folder, owner) as (database, database_pid):
            token_key, port = secrets.token_hex(32), free_port()
            with _server(port, {"DATABASE": database, "TOKEN_KEY": token_key}, folder / "server.log") as server_pid:
                yield Running(
                    port=port, token_key=token_key, database=database, server_pid=server_pid, database_pid=database_pid
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(folder: Path, owner: str | None) -> Iterator[tuple[str, int]]:
    cluster, programs = folder / "cluster", programs_folder()

    def run(program: str, *arguments: str | Path) -> None:
        with (folder / "database.log").open("ab") as log:
            subprocess.run(
                [programs / program, *arguments],
                user=owner,
                group=owner,
                cwd=folder,
                check=True,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    run("initdb", "-D", cluster, "--auth=trust", "--username=bench", "--encoding=UTF8", "--locale=C.UTF-8")
    run("pg_ctl", "-D", cluster, "-w", "-o", f"-k {folder} -c listen_addresses=''", "start")
    try:
        database = f"postgresql:///postgres?host={folder}&user=bench"
        schema = SCHEMA.read_text(encoding="utf-8")
        run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-c", schema, database)
        yield database, int((cluster / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    finally:
        run("pg_ctl", "-D", cluster, "-w", "-m", "fast", "stop")


@contextmanager
def _server(port: int, environment: Mapping[str, str], log_file: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "uvicorn", "--loop", "uvloop", "--http", "httptools", "--port", str(port)]
    with (
        log_file.open("wb") as log,
        subprocess.Popen(
            [*command, "bench.alternative.server:app"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _until_answered(port, log_file)
            yield process.pid
        finally:
            process.terminate()
            process.wait(_PATIENCE_SECONDS)


def _until_answered(port: int, log_file: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with suppress(ConnectionRefusedError), closing(HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", "/rooms/r-none/messages")
            connection.getresponse().read()
            return
        if time.monotonic() > deadline:
            raise TimeoutError(log_file.read_text(encoding="utf-8"))
        time.sleep(0.1)
