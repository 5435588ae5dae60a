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
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, final

from bench.calls import called
from bench.runtime_stand_ins import Run, _Aws, certified, runtime_api, served
from tests.cloudformation import functions_of, load_template
from tools.command_line import OneLineParser
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
_VALGRIND: Final = shutil.which("valgrind") or "valgrind"


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
