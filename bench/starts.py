"""What a cold start, the first call and a warm call of functions cost, beside a floor and a naive function.

    python -m bench.starts --rounds 9
    python -m bench.starts --instructions

The artifact is the one that is deployed, built for this machine. The floor is a function that only makes a botocore
client for DynamoDB, with bytecode; the naive one a boto3 resource, all of Powertools and three pydantic models,
without, as SAM packages it. Each start is a fresh process without this environment's packages, under Lambda's own
runtime client, which gets its events from a stand-in for the Runtime API. That stand-in reads the CPU time of the
process whenever it asks for its next event: the first time all but the runtime client's own part is init. Medians of
the rounds count, which take turns so that the machine's moods meet all alike.

Calls go to a stand-in for AWS on this machine, over TLS. Its certificate has to be trusted, and AWS_CA_BUNDLE stands
for the whole bundle; so each program reads the bundle that it ships with that one certificate more: the floor and the
naive function all of botocore's, ours the few roots that stand behind AWS.

Instructions are counted of init alone, without the runtime client, for they must repeat exactly.
"""

import json
import os
import re
import shutil
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, Final, final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from marketplace.chat.message import Message, MessageType
from marketplace.chat.model import room_for
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller, Role, context_of
from marketplace.platform.dynamodb.attribute_values import to_item
from marketplace.platform.dynamodb.records import to_record
from tests.cloudformation import functions_of, load_template
from tests.offers import OFFER
from tools.command_line import OneLineParser
from tools.local.demo_data import THERAPISTS
from tools.local.deployment import Tools, build
from tools.local.emulator import ROOT

TOOLS: Final = ROOT / ".local" / "tools"
FOLDER: Final = ROOT / ".local" / "bench"
FRESH_PROCESS: Final = ROOT / "bench" / "fresh_process.py"
_EXTRAS: Final = {"aws-lambda-powertools": "[all]"}
RUNTIME: Final = "awslambdaric==4.2.2"
"""What runs Python functions on Lambda."""
NOTHING: Final = "nothing"
"""The program whose init is the interpreter's and the runtime client's."""
MARK: Final = "call-0"
"""Where this stands in an event, each call has a mark of its own."""
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


BOOKING: Final = replace(
    OFFER, chat_room_id=identifiers.room_id(OFFER.booking_id), response_deadline=datetime(2100, 1, 1, tzinfo=UTC)
)
"""One whose room takes messages."""
MESSAGES: Final = 50


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One thing to start: which program of bench/fresh_process.py, out of which folders, and what it answers.

    ``event`` is none where only the start is measured; ``proof`` stands in every answer that is right.
    """

    name: str
    program: str
    path: Sequence[Path] = ()
    event: Mapping[str, Any] | None = None
    proof: str = ""

    def command(self, runtime: Path | None = None) -> list[str]:
        """Return the command line that starts it, under the runtime client if its folder is told."""
        path = [str(folder) for folder in self.path]
        asked = {"program": self.program, "path": path, "runtime": runtime and str(runtime)}
        return [os.path.realpath(sys.executable), "-IS", str(FRESH_PROCESS), json.dumps(asked)]

    @property
    def roots(self) -> str:
        """The bundle of certificates that it ships."""
        bundles = (folder / "botocore" / "cacert.pem" for folder in self.path)
        return "".join(bundle.read_text(encoding="utf-8") for bundle in bundles if bundle.exists())


def called() -> Mapping[str, tuple[Mapping[str, Any], str]]:
    """Return the events of the functions that are called, and what their answers hold."""
    signed_in = {"requestId": "r", "authorizer": context_of(CUSTOMER)}
    room = BOOKING.chat_room_id
    message = {"action": "sendMessage", "conversationId": room, "clientMessageId": MARK, "message": "Halo"}
    return {
        "CreateBookingFunction": (
            {
                "httpMethod": "POST",
                "resource": "/bookings",
                "headers": {"Idempotency-Key": MARK},
                "body": json.dumps(ORDER),
                "requestContext": signed_in,
            },
            "chatTicket",
        ),
        "ReadChatFunction": (
            {
                "httpMethod": "GET",
                "resource": "/rooms/{conversationId}/messages",
                "pathParameters": {"conversationId": room},
                "headers": {},
                "requestContext": signed_in,
            },
            "Message number 50",
        ),
        "SendMessageFunction": (
            {
                "requestContext": {**signed_in, "eventType": "MESSAGE", "connectionId": MARK},
                "body": json.dumps(message),
            },
            "ack",
        ),
    }


def programs(wanted: Sequence[str] = (), *, with_naive: bool = True) -> list[Program]:
    """Return floor, naive and every function (or those wanted), with what they need made ready."""
    built = build(Tools(emulator=TOOLS / "emulator", sam=TOOLS / "sam", uv=_uv())).parent
    template = load_template()
    common = [layer["Ref"] for layer in template["Globals"]["Function"]["Layers"]]
    events = called()
    beside = [Program(name="floor", program="floor", path=[_installed("floor", *_pinned("botocore"))], event={})]
    if with_naive:
        naive = _installed("naive", *_pinned("boto3", "aws-lambda-powertools", "pydantic"), compiled=False)
        beside.append(Program(name="naive", program="naive", path=[naive], event={}))
    return [
        *beside,
        *(
            Program(
                name=name,
                program="function",
                path=[built / name, *(built / layer / "python" for layer in [*common, *_own_layers(function)])],
                event=events[name][0] if name in events else None,
                proof=events[name][1] if name in events else "",
            )
            for name, function in sorted(functions_of(template).items())
            if not wanted or name in wanted
        ),
    ]


def _own_layers(function: Mapping[str, Any]) -> list[str]:
    return [layer["Ref"] for layer in function.get("Layers", [])]


def _uv() -> Path:
    return Path(os.environ.get("UV") or shutil.which("uv") or TOOLS / "uv" / "bin" / "uv")


def _pinned(*packages: str) -> list[str]:
    """Return packages as this environment, and with it the artifact, has them."""
    return [f"{each}{_EXTRAS.get(each, '')}=={version(each)}" for each in packages]


def _installed(name: str, *pinned: str, compiled: bool = True) -> Path:
    """Install packages into a folder of their own, once."""
    folder = FOLDER / f"{name}-{'-'.join(re.sub(r'[^\w.]', '', each) for each in pinned)}"
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run(
            [_uv(), "pip", "install", "--quiet", "--python", sys.executable, "--target", unfinished, *pinned],
            check=True,
        )
        if compiled:
            unchecked = ["--invalidation-mode", "unchecked-hash"]
            subprocess.run([sys.executable, "-m", "compileall", "-q", *unchecked, unfinished], check=True)
        unfinished.rename(folder)
    return folder


def environment(endpoint: str = "https://127.0.0.1:9", bundle: Path | None = None) -> dict[str, str]:
    """Return what Lambda and the template tell functions, with AWS at an address of this machine."""
    variables = dict.fromkeys(load_template()["Globals"]["Function"]["Environment"]["Variables"], "1")
    return {
        **variables,
        "TABLE_PREFIX": "marketplace-",
        "RESPONSE_WINDOW_SECONDS": "900",
        "RATE_LIMIT_SCALE": "1000000",
        "REQUIRE_ADMIN_MFA": "false",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "ap-southeast-3",
        "AWS_REGION": "ap-southeast-3",
        "AWS_ENDPOINT_URL": endpoint,
        "WEBSOCKET_MANAGEMENT_URL": endpoint,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        **({"AWS_CA_BUNDLE": str(bundle)} if bundle else {}),
        "PYTHONHASHSEED": "0",
    }


def _message(number: int) -> Message:
    return Message(
        conversation_id=BOOKING.chat_room_id,
        sequence=number,
        sender_id=BOOKING.customer_id,
        sender_name=BOOKING.customer_name,
        sender_role=Role.CUSTOMER,
        receiver_id=BOOKING.therapist_id,
        receiver_role=Role.THERAPIST,
        message=f"Message number {number}",
        message_type=MessageType.TEXT,
        booking_id=BOOKING.booking_id,
        timestamp=BOOKING.created_at,
    )


class _Quiet(BaseHTTPRequestHandler):
    """Answers JSON over connections that stay open, and logs nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def read(self) -> str:
        """Return the body of the request."""
        return self.rfile.read(int(self.headers["Content-Length"])).decode()

    def write(self, body: str, status: int = 200, **headers: str) -> None:
        """Answer."""
        self.send_response(status)
        written = body.encode()
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(written)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class _Aws(_Quiet):
    """Answers the few operations that the called functions use, always alike."""

    rows: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
        "marketplace-therapists": ("therapistId", to_item(to_record(THERAPISTS[0]))),
        "marketplace-bookings": ("bookingId", to_item(to_record(BOOKING))),
        "marketplace-chat_rooms": ("conversationId", to_item(to_record(room_for(BOOKING)))),
    }
    messages: Final = [to_item(to_record(_message(number))) for number in range(MESSAGES, 0, -1)]

    def do_POST(self) -> None:
        """Answer one operation by its name."""
        asked = json.loads(self.read())
        answer: Mapping[str, Any] = {}
        match self.headers["X-Amz-Target"].rpartition(".")[2]:
            case "BatchGetItem":
                answer = {
                    "Responses": {table: self._found(table, of["Keys"]) for table, of in asked["RequestItems"].items()}
                }
            case "Query":
                items = self.messages if asked["TableName"] == "marketplace-chat_messages" else []
                answer = {"Items": items, "Count": len(items)}
            case "GetSecretValue":
                answer = {"SecretString": "a secret of the bench, of no worth to anybody"}
            case _:
                pass
        self.write(json.dumps(answer))

    def _found(self, table: str, keys: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        name, row = self.rows.get(table, ("", {}))
        return [row for key in keys if key.get(name, 0) == row.get(name)]


@contextmanager
def served(answering: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve on a free port of this machine, and yield the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def certified(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return what a server on this machine shows, out of ``folder``, and the certificate that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM).decode()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    (folder / "server.pem").write_text(secret + shown, encoding="ascii")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "server.pem")
    return tls, shown


@final
@dataclass(slots=True, kw_only=True)
class Run:
    """One process under the runtime client: which events it still gets, and what it has used when it asked for each."""

    calls: int
    event: Mapping[str, Any] | None
    process: SimpleQueue[int] = field(default_factory=SimpleQueue)
    used: list[float] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def next_event(self) -> str | None:
        """Note the milliseconds of CPU that the process has used, and return its next event, if there is one."""
        process = self.process.get()
        self.process.put(process)
        # How Linux names the clock of another process, see clock_getcpuclockid(3).
        self.used.append(time.clock_gettime(~process << 3 | 2) * 1_000)
        if self.event is None or len(self.used) > self.calls:
            return None
        return json.dumps(self.event).replace(MARK, f"call-{len(self.used)}")


def runtime_api(run: Run) -> type[BaseHTTPRequestHandler]:
    """Return a stand-in for the Runtime API, which gives the events of a run."""

    class RuntimeApi(_Quiet):
        def do_GET(self) -> None:
            event = run.next_event()
            if event is None:  # the process waits here until it is stopped
                run.ended.set()
                threading.Event().wait()
                return
            self.write(
                event,
                Lambda_Runtime_Aws_Request_Id=f"00000000-0000-4000-8000-{len(run.used):012}",
                Lambda_Runtime_Invoked_Function_Arn="arn:aws:lambda:ap-southeast-3:123456789012:function:bench",
                Lambda_Runtime_Deadline_Ms=str(int(time.time() * 1_000) + 15_000),
            )

        def do_POST(self) -> None:
            run.answers.append(self.read())
            if not self.path.endswith("/response"):
                run.ended.set()
            self.write("", 202)

    return RuntimeApi


WARMING: Final = 20
"""Calls after the first that are not counted."""


def costs_of(program: Program, endpoint: str, bundle: Path, *, calls: int) -> dict[str, float]:
    """Start a program and let it answer; return init, first and warm call (ms of CPU) and peak memory (MiB).

    Raises:
        RuntimeError: it answers otherwise than it should.
    """
    run = Run(calls=1 + WARMING + calls, event=program.event)
    with served(runtime_api(run)) as port:
        variables = {**environment(endpoint, bundle), "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"}
        with bundle.with_suffix(".log").open("w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                program.command(_installed("runtime", RUNTIME)),
                env=variables,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
            run.process.put(process.pid)
            try:
                while not run.ended.wait(0.2) and process.poll() is None:
                    pass
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            except FileNotFoundError:
                output.seek(0)
                message = f"{program.name} has ended: {output.read()[-1_000:]}"
                raise RuntimeError(message) from None
            finally:
                process.kill()
                process.wait()
    wrong = [answer for answer in run.answers if program.proof not in answer]
    if wrong or (program.event is not None and len(run.answers) != run.calls):
        message = f"{program.name} answers otherwise than it should: {wrong[:1]}"
        raise RuntimeError(message)
    found = {"init": run.used[0], "peak": int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024}
    if program.event is not None:
        found["first"] = run.used[1] - run.used[0]
        found["warm"] = (run.used[-1] - run.used[1 + WARMING]) / calls
    return found


def measured(all_programs: Sequence[Program], *, rounds: int, calls: int) -> dict[str, dict[str, float]]:
    """Return the medians of init, first and warm call (milliseconds of CPU) and peak memory (MiB) by program.

    Init is without that of the interpreter and of the runtime client.
    """
    found: dict[str, dict[str, list[float]]] = {}
    with TemporaryDirectory(prefix="bench-") as made:
        tls, certificate = certified(Path(made))
        with served(_Aws, tls) as port:
            for _ in range(rounds):
                for program in [Program(name=NOTHING, program=NOTHING), *all_programs]:
                    bundle = Path(made, f"{program.name}.pem")
                    bundle.write_text(program.roots + certificate, encoding="utf-8")
                    costs = costs_of(program, f"https://localhost:{port}", bundle, calls=calls)
                    for part, cost in costs.items():
                        found.setdefault(program.name, {}).setdefault(part, []).append(cost)
    medians = {name: {part: statistics.median(costs) for part, costs in parts.items()} for name, parts in found.items()}
    nothing = medians.pop(NOTHING)["init"]
    return {name: {**parts, "init": parts["init"] - nothing} for name, parts in medians.items()}


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
    counted = [Program(name=NOTHING, program=NOTHING), *all_programs]
    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        nothing, *counts = side_by_side.map(instructions, counted)
    return {program.name: count - nothing for program, count in zip(all_programs, counts, strict=True)}


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
    options = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
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
