"""`make deploy`: looks before it leaps, deploys, publishes the web client, and tries what is there then.

While there is no stack, or its creation has not succeeded yet, CloudFormation is told to keep what it made when
something fails: deletion protection would refuse a rollback's deletes, and the names that are left over would block
the next try. So the same command goes on where it stopped.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.command_line import OneLineParser
from tools.local.emulator import ROOT
from tools.ops import preflight, publish_web, smoke
from tools.ops.stacks.environments import Environment, environment_of
from tools.ops.stacks.parameters import ParameterError, parse_parameters

_NOT_YET_CREATED: Final = frozenset({"CREATE_FAILED", "REVIEW_IN_PROGRESS"})


def command(
    environment: Environment, parameters: Mapping[str, str], *, stack_status: str | None, asks: bool
) -> Sequence[str]:
    """Return the call of the SAM CLI.

    Args:
        environment: where to.
        parameters: of the template; what is left out stays as the last deployment had it.
        stack_status: None while there is no stack.
        asks: whether a person is shown the changes and asked before they are made.
    """
    keeps_what_it_made = stack_status is None or stack_status in _NOT_YET_CREATED
    overrides = [f"{name}={value}" for name, value in sorted(parameters.items())]
    return [
        "sam",
        "deploy",
        *("--config-env", environment.name),
        "--confirm-changeset" if asks else "--no-confirm-changeset",
        "--disable-rollback" if keeps_what_it_made else "--no-disable-rollback",
        *(("--parameter-overrides", *overrides) if overrides else ()),
    ]


def main() -> int:
    """Deploy; the exit code is that of the first step that fails."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--environment", required=True, help="a section of samconfig.toml")
    parser.add_argument("--parameters", default="", help='template parameters, "Name=value …"')
    parser.add_argument("--confirm", choices=["0", "1"], default="1", help="0 asks nothing")
    parser.add_argument("--sam-environment", type=Path, required=True)
    chosen = parser.parse_args()
    try:
        environment, parameters = environment_of(chosen.environment), parse_parameters(chosen.parameters)
    except (ParameterError, KeyError) as error:
        print(str(error).strip("'\""), file=sys.stderr)
        return 2
    account = preflight.account_of(environment)
    if not preflight.check(environment, parameters, account=account):
        return 1
    stack = account.stack()
    called = command(
        environment,
        parameters,
        stack_status=None if stack is None else str(stack["StackStatus"]),
        asks=chosen.confirm == "1",
    )
    path = os.pathsep.join([str(chosen.sam_environment / "bin"), os.environ["PATH"]])
    status = subprocess.run(called, cwd=ROOT, env={**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0"}, check=False)  # noqa: S603 - our own tool with our own arguments
    if status.returncode != 0:
        print("the deployment has stopped; when its cause is gone, the same command goes on", file=sys.stderr)
        return status.returncode
    return publish_web.publish(environment) or smoke.try_stack(
        smoke.deployed(environment.stack_name, environment.region)
    )


if __name__ == "__main__":
    sys.exit(main())
