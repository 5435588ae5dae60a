"""Redrive brings each message where it belongs, and lets go of nothing that was not taken."""

import io
import json
import time
from typing import Any, Final, cast

import pytest
from botocore.exceptions import ClientError

from tools.local.tables_read import Stack
from tools.ops.redrive import Redrive

STREAM: Final = "arn:aws:dynamodb:us-east-1:123456789012:table/marketplace-bookings/stream/2026"
CHANGE: Final = {
    "eventID": "e-1",
    "eventSourceARN": STREAM,
    "dynamodb": {"SequenceNumber": "1", "NewImage": {"bookingId": {"S": "b-1"}}},
}
BATCH: Final = {
    "DDBStreamBatchInfo": {
        "streamArn": STREAM,
        "shardId": "shard-1",
        "startSequenceNumber": "1",
        "endSequenceNumber": "3",
        "batchSize": 3,
    }
}
FUNCTION: Final = "arn:aws:lambda:us-east-1:123456789012:function:marketplace-ring-again"
INVOCATION: Final = {
    "requestContext": {
        "requestId": "r-1",
        "functionArn": f"{FUNCTION}:$LATEST",
    },
    "requestPayload": {"minute": 1},
}


class Aws:
    """Two queues, a stream and functions."""

    def __init__(self) -> None:
        self.parked: list[dict[str, Any]] = []
        self.failed: list[dict[str, Any]] = []
        self.pages: list[list[dict[str, Any]]] = []
        self.invoked: list[tuple[str, Any]] = []
        self.answer: Any = {"batchItemFailures": []}
        self.fails = False
        self.parks_again = False
        self.shown: list[str] = []
        """Receipts of what can be seen again at once."""

    def client(self, service: str, endpoint_url: str | None = None) -> "Aws":
        del service, endpoint_url
        return self

    def put(self, queue: list[dict[str, Any]], body: object, *, seconds_ago: float = 60.0) -> None:
        sent_at = (time.time() - seconds_ago) * 1000
        number = str(len(self.parked) + len(self.failed))
        message = {"MessageId": number, "ReceiptHandle": number, "Attributes": {"SentTimestamp": str(int(sent_at))}}
        queue.append({**message, "Body": body if isinstance(body, str) else json.dumps(body)})

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": QueueName}

    def receive_message(self, *, QueueUrl: str, **_: object) -> dict[str, Any]:
        return {"Messages": list(self._queue(QueueUrl))}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:
        queue = self._queue(QueueUrl)
        queue[:] = [message for message in queue if message["ReceiptHandle"] != ReceiptHandle]

    def change_message_visibility(self, *, ReceiptHandle: str, VisibilityTimeout: int, **_: object) -> None:
        assert VisibilityTimeout == 0
        self.shown.append(ReceiptHandle)

    def get_shard_iterator(self, **_: object) -> dict[str, str]:
        return {"ShardIterator": "0"}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:
        page = int(ShardIterator)
        following = {"NextShardIterator": str(page + 1)} if page + 1 < len(self.pages) else {}
        return {"Records": self.pages[page][:Limit], **following}

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        self.invoked.append((FunctionName, json.loads(Payload)))
        if self.parks_again:
            self.put(self.parked, CHANGE, seconds_ago=-1.0)
        answer = {"Payload": io.BytesIO(json.dumps(self.answer).encode())}
        return {**answer, "FunctionError": "Unhandled"} if self.fails else answer

    def _queue(self, url: str) -> list[dict[str, Any]]:
        return self.parked if url.endswith("parked-changes") else self.failed


@pytest.fixture
def aws() -> Aws:
    return Aws()


def redrive(aws: Aws) -> Redrive:
    return Redrive(Stack(name="marketplace", session=cast("Any", aws)))


def test_a_change_is_published_and_let_go(aws: Aws) -> None:
    aws.put(aws.parked, CHANGE)

    outcome = redrive(aws).run()

    assert aws.invoked == [("marketplace-publish-changes", {"Records": [CHANGE]})]
    assert (list(outcome.done.values()), outcome.staying) == (["a change of marketplace-bookings b-1"], [])
    assert aws.parked == []


@pytest.mark.parametrize("body", [CHANGE, BATCH, INVOCATION, "no JSON", {"unknown": 1}])
def test_what_is_not_taken_stays_in_sight(aws: Aws, body: object) -> None:
    aws.fails = True
    aws.pages = [[{"eventID": "1"}] * 3]
    aws.put(aws.parked, body)

    outcome = redrive(aws).run()

    assert (outcome.done, len(outcome.staying)) == ({}, 1)
    assert len(aws.parked) == 1
    assert aws.shown == ["0"]


def test_a_change_that_is_put_aside_again_stays(aws: Aws) -> None:
    aws.put(aws.parked, CHANGE)
    aws.parks_again = True

    outcome = redrive(aws).run()

    assert outcome.done == {}
    assert outcome.staying == ["a change of marketplace-bookings b-1: put aside again, its function's log says why"]
    assert len(aws.invoked) == 1


def test_a_change_that_can_be_neither_published_nor_put_aside_stays(aws: Aws) -> None:
    aws.put(aws.parked, CHANGE)
    aws.answer = {"batchItemFailures": [{"itemIdentifier": "1"}]}

    assert len(redrive(aws).run().staying) == 1
    assert len(aws.parked) == 1


def test_a_batch_that_lambda_gave_up_is_fetched_from_its_stream_whole(aws: Aws) -> None:
    aws.pages = [[{"eventID": "1"}], [], [{"eventID": "2"}, {"eventID": "3"}, {"eventID": "4"}]]
    aws.put(aws.parked, BATCH)

    outcome = redrive(aws).run()

    assert list(outcome.done.values()) == ["3 changes from 1 on"]
    ((_, payload),) = aws.invoked
    assert [record["eventID"] for record in payload["Records"]] == ["1", "2", "3"]
    assert {record["eventSourceARN"] for record in payload["Records"]} == {STREAM}


def test_a_batch_that_its_stream_has_forgotten_in_part_is_not_told_by_halves(aws: Aws) -> None:
    aws.pages = [[{"eventID": "3"}]]
    aws.put(aws.parked, BATCH)

    assert redrive(aws).run().staying == ["3 changes from 1 on: of 3 changes the stream has 1"]
    assert aws.invoked == []


def test_one_message_that_the_service_refuses_holds_up_no_other(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    def trimmed(**_: object) -> dict[str, str]:
        raise ClientError({"Error": {"Code": "TrimmedDataAccessException", "Message": "gone"}}, "GetShardIterator")

    monkeypatch.setattr(aws, "get_shard_iterator", trimmed)
    aws.put(aws.parked, BATCH)
    aws.put(aws.failed, INVOCATION)

    outcome = redrive(aws).run()

    assert len(outcome.staying) == 1
    assert list(outcome.done.values()) == ["an invocation of marketplace-ring-again"]
    assert aws.invoked == [(FUNCTION, {"minute": 1})]
