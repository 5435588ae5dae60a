"""Runs in a fresh interpreter, as on Lambda; see bench/starts.py.

    python -IS bench/fresh_process.py '{"program": "function", "path": ["…"], "runtime": "…"}'

Programs: ``floor`` only makes a botocore client for DynamoDB; ``naive`` is a boto3 resource, all of Powertools and
three pydantic models; ``function`` is a handler of the artifact; ``nothing`` is the interpreter alone. With the folder
of Lambda's own runtime client that client runs them, and asks for events at AWS_LAMBDA_RUNTIME_API; without one they
only start. Nothing is measured in here, and the process never ends in order, for Lambda just stops it.
"""

import json
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

type Call = Callable[[], Any]

asked = json.loads(sys.argv[1])
sys.dont_write_bytecode = True


def floor() -> Call:
    """Make the client, and return what one call of it is."""
    import botocore.session

    client: Any = botocore.session.get_session().create_client("dynamodb")
    return lambda: client.get_item(TableName="bookings", Key={"bookingId": {"S": "b-1"}})


def naive() -> Call:
    """Make what a tutorial makes, and return what one call of it is."""
    import boto3
    from aws_lambda_powertools import Logger, Metrics, Tracer
    from aws_lambda_powertools.event_handler import APIGatewayRestResolver
    from aws_lambda_powertools.utilities import idempotency, parser
    from pydantic import BaseModel, Field

    class Location(BaseModel):
        address: str | None = None
        latitude: float | None = None

    class Order(BaseModel):
        therapist: str = Field(min_length=1)
        duration: int
        location: Location | None = None

    class Answer(BaseModel):
        booking: str
        order: Order

    table = boto3.resource("dynamodb").Table("bookings")
    tools = Logger(), Metrics(namespace="bench"), Tracer(), APIGatewayRestResolver(enable_validation=True)
    kept = tools, idempotency, parser
    return lambda: (Order(therapist="t", duration=60), table.get_item(Key={"bookingId": "b-1"}), kept, Answer)


def nothing() -> Call:
    """Make nothing, and return what does nothing."""
    return lambda: None


programs: dict[str, Callable[[], Call]] = {"floor": floor, "naive": naive, "nothing": nothing}


def start() -> str:
    """Start the program, and return where the runtime client finds its handler."""
    if asked["program"] == "function":
        import handler  # type: ignore[import-not-found] # the one of the function that is measured

        del handler
        return "handler.lambda_handler"
    call = programs[asked["program"]]()

    def answer(_event: object, _context: object) -> None:
        call()

    module = ModuleType("measured")
    module.lambda_handler = answer  # type: ignore[attr-defined] # a module made here
    sys.modules["measured"] = module
    return "measured.lambda_handler"


if asked["runtime"]:
    sys.path.insert(0, asked["runtime"])
    from awslambdaric import bootstrap  # type: ignore[import-not-found] # not a part of this environment
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # type: ignore[import-not-found] # as above

    sys.path[:0] = asked["path"]
    bootstrap.run(start(), LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
else:
    sys.path[:0] = asked["path"]
    start()
    os._exit(0)
