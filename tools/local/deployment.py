"""Builds template.yaml with SAM and deploys it to the emulator; does neither when nothing has changed."""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

from botocore.exceptions import ClientError

from tools.local.emulator import REGION, ROOT, Emulator, LocalStackError, own_environment

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackTypeDef

STACK_NAME: Final = "marketplace"
_BUILDS: Final = ROOT / ".local" / "build"
_KEPT_BUILDS: Final = 3
_SHOWN_LINES: Final = 12
_ARTIFACTS: Final = f"{STACK_NAME}-deployment-artifacts"
_FINGERPRINT_TAG: Final = "fingerprint"
_SOURCES: Final = ("template.yaml", "functions", "layers", "tools/environments/sam/uv.lock")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Where the tools are: the environments of the emulator and of the SAM CLI (Python 3.13 with pip), and uv."""

    emulator: Path
    sam: Path
    uv: Path

    @property
    def environment(self) -> dict[str, str]:
        """Variables that let SAM find its Python, and build layers for this machine instead of Lambda's."""
        return {
            "PATH": os.pathsep.join([str(self.sam / "bin"), os.environ["PATH"]]),
            "SAM_CLI_TELEMETRY": "0",
            "UV": str(self.uv),
            "BUILD_PYTHON": str(self.sam / "bin" / "python3.13"),
            "PLATFORM": "native",
        }


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What the deployed stack says of itself."""

    outputs: Mapping[str, str]
    functions: Mapping[str, str]
    tables: Mapping[str, str]
    parameters: Mapping[str, str]


def build(tools: Tools) -> Path:
    """Build the functions and layers as they are now and return the built template; unchanged sources cost nothing."""
    folder = _BUILDS / fingerprint()
    template = folder / "template.yaml"
    with _one_at_a_time():
        if not template.exists():
            unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=_BUILDS))
            try:
                _run(
                    tools,
                    own_environment(),
                    ["build", "--cached", "--parallel", "--cache-dir", _BUILDS / "cache", "--build-dir", unfinished],
                )
                unfinished.rename(folder)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
        folder.touch()
        _forget_old_builds()
    return template


def deploy(tools: Tools, emulator: Emulator, built: Path, parameters: Mapping[str, str]) -> bool:
    """Deploy the built template; return False when the emulator already has exactly this."""
    cloudformation = emulator.session().client("cloudformation", endpoint_url=emulator.url)
    overrides = [f"{name}={value}" for name, value in sorted(parameters.items())]
    wanted = hashlib.sha256("\n".join([built.parent.name, *overrides]).encode()).hexdigest()[:32]
    if _deployed_fingerprint(cloudformation) == wanted:
        return False
    bucket = emulator.session().client("s3", endpoint_url=emulator.url)
    bucket.create_bucket(Bucket=_ARTIFACTS)
    _run(
        tools,
        emulator.environment,
        [
            "deploy",
            *("--template-file", built),
            *("--stack-name", STACK_NAME, "--region", REGION, "--s3-bucket", _ARTIFACTS),
            *("--capabilities", "CAPABILITY_IAM"),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset"),
            *("--tags", f"{_FINGERPRINT_TAG}={wanted}"),
            *("--parameter-overrides", *overrides),
        ],
    )
    return True


@cache
def declared_parameters() -> frozenset[str]:
    """Return the names of the template's parameters."""
    section = (ROOT / "template.yaml").read_text(encoding="utf-8").partition("\nParameters:\n")[2]
    own = re.split(r"^\S", section, maxsplit=1, flags=re.MULTILINE)[0]
    return frozenset(re.findall(r"^  (\w+):", own, flags=re.MULTILINE))


def describe(emulator: Emulator) -> Stack:
    """Ask the emulator for the deployed stack."""
    cloudformation = emulator.session().client("cloudformation", endpoint_url=emulator.url)
    stack = _find(cloudformation)
    if stack is None:
        message = f"the stack {STACK_NAME} is not deployed"
        raise LocalStackError(message)
    functions, tables = {}, {}
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK_NAME):
        for resource in page["StackResourceSummaries"]:
            name = resource.get("PhysicalResourceId", "")
            if resource["ResourceType"] == "AWS::Lambda::Function":
                functions[resource["LogicalResourceId"]] = name
            if resource["ResourceType"] == "AWS::DynamoDB::Table":
                tables[name.removeprefix(f"{STACK_NAME}-")] = name
    return Stack(
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
        functions=functions,
        tables=tables,
        parameters={each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])},
    )


def fingerprint() -> str:
    """Digest every file that the build reads."""
    digest = hashlib.sha256()
    for path in sorted(_source_files(ROOT / source for source in _SOURCES)):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _source_files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_file():
            yield source
        elif source.name != "__pycache__":
            yield from _source_files(source.iterdir())


def _deployed_fingerprint(cloudformation: "CloudFormationClient") -> str | None:
    stack = _find(cloudformation)
    if stack is None or stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        return None
    return next((tag["Value"] for tag in stack.get("Tags", []) if tag["Key"] == _FINGERPRINT_TAG), None)


def _find(cloudformation: "CloudFormationClient") -> "StackTypeDef | None":
    try:
        return cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    except ClientError:
        return None


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    _BUILDS.mkdir(parents=True, exist_ok=True)
    with (_BUILDS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_old_builds() -> None:
    builds = [path for path in _BUILDS.iterdir() if (path / "template.yaml").exists()]
    for old in sorted(builds, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT_BUILDS:]:
        shutil.rmtree(old)


def _run(tools: Tools, environment: Mapping[str, str], arguments: list[str | Path]) -> None:
    """Run the SAM CLI in a process group of its own, so that nothing of it outlives us.

    Raises:
        LocalStackError: it failed; the message has its output.
    """
    process = subprocess.Popen(  # noqa: S603 - our own tool with our own arguments
        [tools.sam / "bin" / "sam", *arguments],
        cwd=ROOT,
        env={**environment, **tools.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        raise
    if process.returncode != 0:
        message = f"sam {arguments[0]} failed:\n{_essence(output)}"
        raise LocalStackError(message)


def _essence(output: str) -> str:
    """Leave out of a long report what went well, and what was undone after the first failure."""
    lines = output.splitlines()
    failed = next((number for number, line in enumerate(lines) if "_FAILED" in line), None)
    shown = lines[-_SHOWN_LINES:] if failed is None else [*lines[failed : failed + _SHOWN_LINES], "…", *lines[-2:]]
    return "\n".join(shown)
