"""What a cold start, the first call and a warm call of functions cost, beside a floor and a naive function.

    python -m bench.starts --rounds 9
    python -m bench.starts --instructions

The artifact is the one that is deployed, built for this machine. The floor is a function that only makes a botocore
client for DynamoDB, with bytecode; the naive one a boto3 resource, all of Powertools and three pydantic models,
without, as SAM packages it. Each start is a fresh process without this environment's packages. Its CPU time counts, as
the median of the rounds, which take turns so that the machine's moods meet all alike. Calls go to a stand-in for AWS
on this machine, over plain HTTP.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, final

from local.demo_data import THERAPISTS
from local.deployment import Tools, build
from local.emulator import ROOT
from marketplace.domain.caller import Caller, Role
from marketplace.edge.identity import context_of
from marketplace.storage.attribute_values import to_item
from marketplace.storage.records import to_record
from tests.cloudformation import functions_of, load_template

TOOLS: Final = ROOT / ".local" / "tools"
FOLDER: Final = ROOT / ".local" / "bench"
FRESH_PROCESS: Final = ROOT / "bench" / "fresh_process.py"
_EXTRAS: Final = {"aws-lambda-powertools": "[all]"}
CALLED: Final = ("CreateBookingFunction",)
CUSTOMER: Final = Caller(user_id="c-1", role=Role.CUSTOMER, signed_in_at=1)
_VALGRIND: Final = shutil.which("valgrind") or "valgrind"
ORDER: Final = {
    "therapistId": "t-ayu",
    "bookingType": "immediate",
    "duration": 60,
    "customerName": "Wayan",
    "customerWhatsApp": "+6281234567890",
    "location": {"address": "Jalan Raya Ubud 8"},
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One thing to start: which program of bench/fresh_process.py, out of which folders, and what it answers."""

    name: str
    program: str
    path: Sequence[Path]
    event: Mapping[str, Any] | None = None

    def command(self, calls: int = 0) -> list[str]:
        """Return the command line that starts it and lets it answer so often."""
        asked = {
            "program": self.program,
            "path": [str(folder) for folder in self.path],
            "event": self.event,
            "calls": calls if self.program != "function" or self.event else 0,
        }
        return [os.path.realpath(sys.executable), "-IS", str(FRESH_PROCESS), json.dumps(asked)]


def programs(wanted: Sequence[str] = ()) -> list[Program]:
    """Return floor, naive and every function (or those wanted), with what they need made ready."""
    uv = Path(os.environ.get("UV") or shutil.which("uv") or TOOLS / "uv" / "bin" / "uv")
    built = build(Tools(emulator=TOOLS / "emulator", sam=TOOLS / "sam", uv=uv)).parent
    template = load_template()
    common = [layer["Ref"] for layer in template["Globals"]["Function"]["Layers"]]
    order = {
        "httpMethod": "POST",
        "resource": "/bookings",
        "headers": {},
        "body": json.dumps(ORDER),
        "requestContext": {"requestId": "r", "authorizer": context_of(CUSTOMER)},
    }
    return [
        Program(name="floor", program="floor", path=[_installed(uv, "floor", "botocore")]),
        Program(
            name="naive",
            program="naive",
            path=[_installed(uv, "naive", "boto3", "aws-lambda-powertools", "pydantic", compiled=False)],
        ),
        *(
            Program(
                name=name,
                program="function",
                path=[built / name, *(built / layer / "python" for layer in [*common, *_own_layers(function)])],
                event=order if name in CALLED else None,
            )
            for name, function in sorted(functions_of(template).items())
            if not wanted or name in wanted
        ),
    ]


def _own_layers(function: Mapping[str, Any]) -> list[str]:
    return [layer["Ref"] for layer in function.get("Layers", [])]


def _installed(uv: Path, name: str, *packages: str, compiled: bool = True) -> Path:
    """Install packages in the versions that we ship into a folder of their own, once."""
    pinned = [f"{each}{_EXTRAS.get(each, '')}=={version(each)}" for each in packages]
    folder = FOLDER / f"{name}-{'-'.join(re.sub(r'[^\w.]', '', each) for each in pinned)}"
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", unfinished, *pinned], check=True
        )
        if compiled:
            unchecked = ["--invalidation-mode", "unchecked-hash"]
            subprocess.run([sys.executable, "-m", "compileall", "-q", *unchecked, unfinished], check=True)
        unfinished.rename(folder)
    return folder


def environment(endpoint: str = "http://127.0.0.1:9") -> dict[str, str]:
    """Return what the template tells functions, with AWS at an address of this machine."""
    variables = dict.fromkeys(load_template()["Globals"]["Function"]["Environment"]["Variables"], "1")
    return {
        **variables,
        "TABLE_PREFIX": "marketplace-",
        "RESPONSE_WINDOW_SECONDS": "900",
        "RATE_LIMIT_SCALE": "1000000",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "ap-southeast-3",
        "AWS_REGION": "ap-southeast-3",
        "AWS_ENDPOINT_URL": endpoint,
        "PYTHONHASHSEED": "0",
    }


class _Aws(BaseHTTPRequestHandler):
    """Answers the few operations that the called functions use, always alike."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answers: Final[Mapping[str, Any]] = {
        "BatchGetItem": {"Responses": {"marketplace-therapists": [to_item(to_record(THERAPISTS[0]))]}},
        "GetItem": {},
        "GetSecretValue": {"SecretString": "a secret of the bench, of no worth to anybody"},
        "TransactWriteItems": {},
    }

    def do_POST(self) -> None:
        """Answer one operation by its name."""
        self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        body = json.dumps(self.answers[operation]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def stand_in_for_aws() -> Iterator[str]:
    """Serve on a free port of this machine, and yield the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Aws)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def measured(all_programs: Sequence[Program], *, rounds: int, calls: int) -> dict[str, dict[str, float]]:
    """Return the medians of init, first and warm call (milliseconds of CPU) and peak memory (MiB) by program."""
    found: dict[str, dict[str, list[float]]] = {}
    with stand_in_for_aws() as endpoint:
        for _ in range(rounds):
            for program in all_programs:
                done = subprocess.run(
                    program.command(calls), env=environment(endpoint), capture_output=True, text=True, check=True
                )
                report = json.loads(done.stdout.splitlines()[-1])
                if report.pop("status", None) not in {None, 201}:
                    message = f"{program.name} answers otherwise than it should:\n{done.stdout}"
                    raise RuntimeError(message)
                for part, cost in report.items():
                    found.setdefault(program.name, {}).setdefault(part, []).append(cost)
    return {name: {part: statistics.median(costs) for part, costs in parts.items()} for name, parts in found.items()}


def instructions(program: Program) -> int:
    """Return the instructions of a start as cachegrind counts them; they repeat exactly."""
    done = subprocess.run(
        [_VALGRIND, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *program.command()],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    counted = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if counted is None:
        raise RuntimeError(done.stderr)
    return int(counted[1].replace(",", ""))


def init_instructions(all_programs: Sequence[Program]) -> dict[str, int]:
    """Return the instructions of each program's init, those of the bare interpreter taken off."""
    nothing = instructions(Program(name="nothing", program="nothing", path=[]))
    return {program.name: instructions(program) - nothing for program in all_programs}


def table_of_times(costs: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yield the lines of a report, in Markdown."""
    floor, naive = costs["floor"], costs["naive"]
    yield "| function | init, ms of CPU | × floor | × naive | first call, ms | warm call, ms | peak, MiB | × floor |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for name, cost in costs.items():
        first, warm = (f"{cost[part]:.2f}" if part in cost else "" for part in ("first", "warm"))
        yield (
            f"| {name} | {cost['init']:.0f} | {cost['init'] / floor['init']:.2f} | {cost['init'] / naive['init']:.2f} "
            f"| {first} | {warm} | {cost['peak']:.0f} | {cost['peak'] / floor['peak']:.2f} |"
        )


def table_of_instructions(counted: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines of a report, in Markdown."""
    yield "| function | init, millions of instructions | × floor |"
    yield "|---|---:|---:|"
    for name, count in counted.items():
        yield f"| {name} | {count / 1e6:.0f} | {count / counted['floor']:.3f} |"


def main() -> None:
    """Print both tables, or one."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--calls", type=int, default=200)
    options.add_argument("--only", nargs="*", default=[], help="functions by logical id")
    options.add_argument("--instructions", action="store_true", help="count instructions with valgrind instead")
    asked = options.parse_args()
    wanted = programs(asked.only)
    if asked.instructions:
        lines = table_of_instructions(init_instructions(wanted))
    else:
        lines = table_of_times(measured(wanted, rounds=asked.rounds, calls=asked.calls))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
