"""Runs in a fresh interpreter, as Lambda's first invocation does, and prints what its parts cost; see bench/starts.py.

    python -IS bench/fresh_process.py '{"program": "function", "path": [...], "event": {...}, "calls": 200}'

Programs: ``floor`` only makes a botocore client for DynamoDB; ``naive`` is a boto3 resource, all of Powertools and
three pydantic models; ``function`` is a handler of the artifact; ``nothing`` is the interpreter alone.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

type Call = Callable[[int], Any]

asked = json.loads(sys.argv[1])
sys.path[:0] = asked["path"]
sys.dont_write_bytecode = True


class Context:
    """The context of an invocation."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"
    function_name = "bench"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left to the invocation."""
        return 15_000


def floor() -> Call:
    """Make the client, and return what one call of it is."""
    import botocore.session

    client: Any = botocore.session.get_session().create_client("dynamodb")
    return lambda _: client.get_item(TableName="bookings", Key={"bookingId": {"S": "b-1"}})


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
    return lambda _: (Order(therapist="t", duration=60), table.get_item(Key={"bookingId": "b-1"}), kept, Answer)


def function() -> Call:
    """Import a handler and make its client, and return what one call of it is."""
    import handler  # type: ignore[import-not-found] # the one of the function that is measured

    from marketplace import bootstrap

    bootstrap.store()
    return lambda number: handler.lambda_handler(event_of(number), Context())


def event_of(number: int) -> object:
    """Return the event of one call, with a key of its own."""
    event = asked.get("event") or {}
    if "headers" in event:
        event["headers"]["Idempotency-Key"] = f"bench-{number}"
    return event


def spent() -> float:
    """Return the milliseconds of CPU that this process has used."""
    return time.process_time() * 1_000


programs: dict[str, Callable[[], Call]] = {
    "floor": floor,
    "naive": naive,
    "function": function,
    "nothing": lambda: print,
}

before = spent()
call = programs[asked["program"]]()
report: dict[str, Any] = {"init": spent() - before}
if asked.get("calls"):
    before = spent()
    answer = call(0)
    report["first"] = spent() - before
    report["status"] = answer.get("statusCode") if isinstance(answer, dict) else None
    for number in range(1, 21):  # until everything is warm
        call(number)
    before = spent()
    for number in range(asked["calls"]):
        call(100 + number)
    report["warm"] = (spent() - before) / asked["calls"]
report["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print("\n" + json.dumps(report))
