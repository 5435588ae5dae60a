"""The emulator brings changes of a table as AWS does: to each function by itself, from where it stopped."""

import io
import time
import zipfile
from typing import Any, Final

from tests.local.waiting import wait_until
from tools.local.emulator import Emulator

TAKES_LONG: Final = """
import time

def handler(event, context):
    time.sleep(6)
"""
TAKES_ALL: Final = """
def handler(event, context):
    pass
"""
TAKES_ONE: Final = """
def handler(event, context):
    changes = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
    return {"batchItemFailures": [{"itemIdentifier": change} for change in changes[1:]]}
"""


def table_with_stream(running: Emulator, name: str) -> Any:  # noqa: ANN401 - a resource that is not typed here
    """Make a table with a stream."""
    dynamodb: Any = running.session().resource("dynamodb", endpoint_url=running.url)
    return dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "N"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )


class Reader:
    """A function that reads a table's stream."""

    def __init__(self, running: Emulator, table: Any, name: str, code: str) -> None:  # noqa: ANN401 - as above
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("index.py", code)
        self._lambda = running.session().client("lambda", endpoint_url=running.url)
        self._lambda.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/reads",
            Handler="index.handler",
            Code={"ZipFile": archive.getvalue()},
            Timeout=30,
        )
        self._mapping = self._lambda.create_event_source_mapping(
            FunctionName=name,
            EventSourceArn=table.latest_stream_arn,
            StartingPosition="TRIM_HORIZON",
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )["UUID"]

    @property
    def outcome(self) -> str:
        """What became of the last batch: that it was taken whole, or that it failed."""
        mapping = self._lambda.get_event_source_mapping(UUID=self._mapping)
        return str(mapping.get("LastProcessingResult", ""))

    def takes_the_batch(self) -> bool:
        """Say whether the last batch was taken whole."""
        return self.outcome.startswith("OK")


def test_a_slow_reader_of_a_stream_delays_no_other(bare: Emulator) -> None:
    table = table_with_stream(bare, "read-by-two")
    slow = Reader(bare, table, "takes-long", TAKES_LONG)
    quick = Reader(bare, table, "takes-all", TAKES_ALL)

    for number in range(3):
        table.put_item(Item={"number": number})
        time.sleep(0.2)

    wait_until(quick.takes_the_batch, within=5)
    assert not slow.takes_the_batch()


def test_a_reader_that_gets_on_by_one_change_at_a_time_gets_to_the_end(bare: Emulator) -> None:
    table = table_with_stream(bare, "read-by-one")
    for number in range(4):
        table.put_item(Item={"number": number})

    reader = Reader(bare, table, "takes-one", TAKES_ONE)

    wait_until(reader.takes_the_batch, within=15)
