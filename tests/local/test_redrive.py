"""What was put aside is brought to its function once more, whoever put it there."""

import base64
import gzip
import json
import secrets
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cloudformation import ROOT
from tests.local.running import clean_environment
from tests.local.world import World
from tools.local.outputs import write_outputs
from tools.local.person import expect


def error_lines(code: str) -> dict[str, Any]:
    """Return the delivery of a log with one error, which its function records."""
    line = {"level": "ERROR", "message": "told to", "service": "create_booking", "category": "booking", "code": code}
    delivery = {
        "messageType": "DATA_MESSAGE",
        "logGroup": "/aws/lambda/marketplace-create-booking",
        "logStream": "stream",
        "logEvents": [{"id": secrets.token_hex(28), "timestamp": int(time.time() * 1000), "message": json.dumps(line)}],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(delivery).encode())).decode()}}


def by_lambda(event: Mapping[str, Any], function: str) -> dict[str, Any]:
    """Return what Lambda puts aside after its last attempt."""
    failed = {"requestContext": {"functionArn": f"{function}:$LATEST"}, "requestPayload": event}
    return {"MessageBody": json.dumps(failed)}


def by_a_schedule(event: Mapping[str, Any], function: str) -> dict[str, Any]:
    """Return what EventBridge puts aside that could not reach a function."""
    return {
        "MessageBody": json.dumps(event),
        "MessageAttributes": {"TARGET_ARN": {"DataType": "String", "StringValue": function}},
    }


@pytest.mark.parametrize("put_aside", [by_lambda, by_a_schedule], ids=lambda by: by.__name__)
def test_a_failed_invocation_is_made_up_for(
    world: World, tmp_path: Path, put_aside: Callable[[Mapping[str, Any], str], dict[str, Any]]
) -> None:
    code = f"told_{secrets.token_hex(6)}"
    name = world.outputs.functions["RecordErrorsFunction"]
    function = world.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    queue = world.client("sqs").get_queue_url(QueueName=f"{world.outputs.stack_name}-failed-invocations")["QueueUrl"]
    world.client("sqs").send_message(QueueUrl=queue, **put_aside(error_lines(code), function))
    file = tmp_path / "outputs.json"
    write_outputs(file, world.outputs)
    time.sleep(1)  # what is put aside while the queue is worked off waits for the next time

    # What other tests have put aside may stay, and make say so.
    command = ["make", "--no-print-directory", "redrive", f"OUTPUTS={file}"]
    subprocess.run(command, cwd=ROOT, env=clean_environment(), check=False)

    def codes() -> set[str]:
        found = expect(world.admin().get("/admin/errors", category="booking"), 200)["items"]
        return {error["code"] for error in found}

    assert code in codes()
