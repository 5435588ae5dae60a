"""What `sam build` makes: unpacked as Lambda unpacks it, every module loads from its bytecode, and handlers work."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from layers.build.prune import OPERATIONS
from tests.cloudformation import ROOT, functions_of, load_template
from tests.events import rest_event
from tools.local.deployment import Tools, build

TOOLS: Final = ROOT / ".local" / "tools"
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The date that SAM gives every file, so that equal contents make equal archives."""
UNCHECKED_HASH: Final = 0b01
"""The flags of bytecode that is valid whatever the source's date (PEP 552)."""

# Runs in a fresh interpreter without this environment's packages, as Lambda does; whatever would have to be compiled
# fails, and so does whatever comes from elsewhere.
INVOKE: Final = """
import importlib.machinery, json, sys
asked = json.loads(sys.argv[1])
def compiled(self, *arguments, **named):
    if self.path.startswith(asked["root"]):
        raise SystemExit(f"{self.path} would be compiled")
    return compile_source(self, *arguments, **named)
compile_source = importlib.machinery.SourceFileLoader.source_to_code
importlib.machinery.SourceFileLoader.source_to_code = compiled
sys.dont_write_bytecode = True
sys.path[:0] = ["", *asked["layers"]]
class Context:
    aws_request_id = "request-1"
    def get_remaining_time_in_millis(self):
        return 1_000
loaded, answer = [], None
for function in asked["functions"]:
    sys.path[0] = function
    sys.modules.pop("handler", None)
    import handler
    loaded.append(handler.__file__)
    if asked["event"]:
        answer = handler.lambda_handler(asked["event"], Context())
from marketplace import bootstrap
for service in asked["services"]:
    loaded.append(bootstrap.client(service).meta.service_model.service_name)
print(json.dumps({"loaded": loaded, "answer": answer}))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every function and layer as Lambda unpacks it, each in a folder of its name."""
    uv = os.environ.get("UV") or shutil.which("uv") or str(TOOLS / "uv" / "bin" / "uv")
    built = build(Tools(emulator=TOOLS / "emulator", sam=TOOLS / "sam", uv=Path(uv))).parent
    folder = tmp_path_factory.mktemp("unpacked")
    for artifact in (path for path in built.iterdir() if path.is_dir()):
        archive = folder / f"{artifact.name}.zip"
        with zipfile.ZipFile(archive, "w") as packing:
            for path in sorted(artifact.rglob("*")):
                if path.is_file():
                    packing.writestr(zipfile.ZipInfo(str(path.relative_to(artifact)), EARLIEST), path.read_bytes())
        with zipfile.ZipFile(archive) as unpacking:
            unpacking.extractall(folder / artifact.name)
        archive.unlink()
        for path in (folder / artifact.name).rglob("*"):
            os.utime(path, (0, 0))
    return folder


def layers_of(logical_id: str) -> tuple[str, ...]:
    template = load_template()
    own = functions_of(template)[logical_id].get("Layers", [])
    return tuple(layer["Ref"] for layer in [*template["Globals"]["Function"]["Layers"], *own])


def invoked(unpacked: Path, *functions: str, event: object = None, services: Iterable[str] = ()) -> dict[str, Any]:
    """Import functions of the same layers in a fresh interpreter; return what was loaded, and answered last."""
    asked = {
        "root": str(unpacked),
        "layers": [str(unpacked / layer / "python") for layer in layers_of(functions[0])],
        "functions": [str(unpacked / function) for function in functions],
        "event": event,
        "services": [*services],
    }
    variables = dict.fromkeys(load_template()["Globals"]["Function"]["Environment"]["Variables"], "1")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", INVOKE, json.dumps(asked)],
        env=variables | {"AWS_DEFAULT_REGION": "ap-southeast-3", "POWERTOOLS_LOG_LEVEL": "INFO"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def modules_of(unpacked: Path) -> Iterator[Path]:
    return unpacked.rglob("*.py")


def test_every_module_has_bytecode_that_is_valid_whatever_its_date(unpacked: Path) -> None:
    without = []
    for module in modules_of(unpacked):
        bytecode = Path(importlib.util.cache_from_source(str(module)))
        head = bytecode.read_bytes()[:8] if bytecode.exists() else b""
        if head != importlib.util.MAGIC_NUMBER + UNCHECKED_HASH.to_bytes(4, "little"):
            without.append(str(module.relative_to(unpacked)))

    assert without == []
    assert sum(1 for _ in modules_of(unpacked)) > len(functions_of(load_template()))


def test_no_module_of_a_function_is_compiled_where_it_runs(unpacked: Path) -> None:
    together = defaultdict(list)
    for function in functions_of(load_template()):
        together[layers_of(function)].append(function)

    for functions in together.values():
        loaded = invoked(unpacked, *functions)["loaded"]
        assert loaded == [str(unpacked / function / "handler.py") for function in functions]


def test_a_function_answers_out_of_its_archive(unpacked: Path) -> None:
    event = rest_event("POST", "/bookings", by=None, body="{")

    answer = invoked(unpacked, "CreateBookingFunction", event=event)["answer"]

    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["code"] == "unauthenticated"


def test_there_is_a_client_for_every_service_that_functions_call(unpacked: Path) -> None:
    loaded = invoked(unpacked, "CreateBookingFunction", services=OPERATIONS)["loaded"]

    assert loaded[1:] == [*OPERATIONS]
