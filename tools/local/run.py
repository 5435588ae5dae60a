"""`make run`: starts the emulator, builds, deploys and seeds, says where everything is, and stays until stopped."""

import platform
import shlex
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, final

from tools.command_line import OneLineParser
from tools.local import demo_data
from tools.local.deployment import STACK_NAME, Stack, Tools, build, declared_parameters, deploy, describe
from tools.local.emulator import REGION, LocalStackError, emulator
from tools.local.imprint import operator_of
from tools.local.outbox.server import Outbox
from tools.local.outputs import Outputs, write_outputs
from tools.local.photos import photos_of
from tools.local.web_client import WebClient

# Far enough from the emulator's port that several stacks in a row of ports do not meet.
_WEB_PORT_DISTANCE: Final = 1000
_OUTBOX_PORT_DISTANCE: Final = 2000
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the person at the keyboard chose; no state folder keeps nothing."""

    port: int
    state: Path | None
    outputs: Path
    seed: bool
    parameters: Mapping[str, str]
    tools: Tools
    enforce: bool = False
    """Whether the emulator refuses what a role of the template does not allow, as AWS does."""


@contextmanager
def running(choices: Choices) -> Iterator[Outputs]:
    """Run the whole system; it is ready when the block starts and stopped when it has ended."""
    choices.outputs.unlink(missing_ok=True)
    with ExitStack() as stack:
        with step(f"starting the emulator on port {choices.port}"):
            aws = stack.enter_context(
                emulator(
                    python=choices.tools.emulator / "bin" / "python",
                    port=choices.port,
                    state=choices.state,
                    enforce=choices.enforce,
                )
            )
            web = WebClient(preferred_port=choices.port + _WEB_PORT_DISTANCE)
            stack.callback(web.close)
            kept = choices.state / "outbox.jsonl" if choices.state else None
            outbox = Outbox(preferred_port=choices.port + _OUTBOX_PORT_DISTANCE, kept=kept)
            stack.enter_context(outbox.serving())
        with step("building functions and layers"):
            built = build(choices.tools)
        parameters = {
            "EmulatorUrl": aws.url,
            "AllowedOrigins": web.url,
            "RateLimitScale": "100",
            "RequireAdminMfa": "false",
            **{name: value for name, value in outbox.parameters.items() if name in declared_parameters()},
            **choices.parameters,
        }
        with step("deploying") as done:
            if not deploy(choices.tools, aws, built, parameters):
                done.append("nothing has changed")
        deployed = describe(aws)
        if choices.seed:
            with step("adding demo data"):
                origin = parameters["AllowedOrigins"].partition(",")[0]
                demo_data.seed(aws, user_pool_id=deployed.outputs["UserPoolId"], photos_url=origin)
        outputs = Outputs(
            rest_url=deployed.outputs["RestUrl"],
            web_socket_url=deployed.outputs["WebSocketUrl"],
            web_url=web.url,
            outbox_url=outbox.url,
            aws_endpoint_url=aws.url,
            region=REGION,
            stack_name=STACK_NAME,
            functions=deployed.functions,
            tables=deployed.tables,
            users=demo_data.USERS if choices.seed else {},
        )
        outbox.emulator_url = aws.url
        web.find_photo = photos_of(aws)
        outbox.payments.callback_url = f"{outputs.rest_url}/payment-events/xendit"
        stack.enter_context(web.serving(_client_configuration(outputs, deployed)))
        stack.callback(choices.outputs.unlink, missing_ok=True)
        write_outputs(choices.outputs, outputs)
        yield outputs


@contextmanager
def step(what: str) -> Iterator[list[str]]:
    """Print a step and how long it took; what the block adds to the list is said too."""
    print(f"{what} …", end=" ", flush=True)
    started = time.monotonic()
    remarks: list[str] = []
    try:
        yield remarks
    except BaseException:
        print()
        raise
    print("".join(f"{remark}, " for remark in remarks) + f"{time.monotonic() - started:.1f} s", flush=True)


def _client_configuration(outputs: Outputs, stack: Stack) -> dict[str, str]:
    return {
        "restUrl": outputs.rest_url,
        "webSocketUrl": outputs.web_socket_url,
        "signInUrl": outputs.aws_endpoint_url,
        "webUrl": outputs.web_url,
        "userPoolId": stack.outputs["UserPoolId"],
        "userPoolClientId": stack.outputs["UserPoolClientId"],
        "region": outputs.region,
        **operator_of(stack.parameters),
    }


def _parse(arguments: list[str]) -> Choices:
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--state", default=".local/state", help="folder that keeps everything; empty keeps nothing")
    parser.add_argument("--outputs", type=Path, default=Path(".local/outputs.json"))
    parser.add_argument("--seed", choices=["demo", "none"], default="demo")
    parser.add_argument("--parameters", default="", help='template parameters, "Name=value …"')
    parser.add_argument("--enforce", action="store_true", help="let the emulator judge every request by the roles")
    parser.add_argument("--emulator-environment", type=Path, required=True)
    parser.add_argument("--sam-environment", type=Path, required=True)
    parser.add_argument("--uv", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    parameters = {}
    for pair in shlex.split(chosen.parameters):
        name, separator, value = pair.partition("=")
        if not separator:
            parser.error(f"a parameter is Name=value, not {pair!r}")
        parameters[name] = value
    return Choices(
        port=chosen.port,
        state=Path(chosen.state) if chosen.state else None,
        outputs=chosen.outputs,
        seed=chosen.seed == "demo",
        parameters=parameters,
        enforce=chosen.enforce,
        tools=Tools(
            emulator=chosen.emulator_environment.absolute(),
            sam=chosen.sam_environment.absolute(),
            uv=chosen.uv.absolute(),
        ),
    )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Begin to stop, once: make and the terminal send the same signal again, and stopping must not be cut short."""
    for ending in _ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    """Run until Ctrl-C or SIGTERM."""
    choices = _parse(sys.argv[1:])
    for ending in _ENDINGS:
        signal.signal(ending, _stop)
    try:
        with running(choices) as outputs:
            _greet(choices, outputs)
            while True:
                signal.pause()
    except KeyboardInterrupt:
        print("\nstopped")
        return 0
    except LocalStackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _greet(choices: Choices, outputs: Outputs) -> None:
    elsewhere = "" if choices.outputs == Path(".local/outputs.json") else f" OUTPUTS={choices.outputs}"
    print(
        f"""
ready on {platform.node()}, addresses and demo users in {choices.outputs}
  REST       {outputs.rest_url}
  reference  {outputs.rest_url}/docs
  WebSocket  {outputs.web_socket_url}
  web        {outputs.web_url}
  outbox     {outputs.outbox_url}   (what would have arrived by push, WhatsApp, e-mail, SMS)
  AWS APIs   {outputs.aws_endpoint_url}

try, in another terminal:
  curl {outputs.rest_url}/therapists
  make token USER_ID=t-ayu{elsewhere}
  make demo{elsewhere}

Ctrl-C stops""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
