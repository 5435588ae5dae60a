"""`make redrive`: brings what was put aside to its function once more, and lets go of what is done.

Two queues hold what failed for good: changes that nobody could publish, and asynchronous invocations. A
message is removed only after its function has taken it; every function bears being told twice.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

from botocore.exceptions import BotoCoreError, ClientError

from tools.command_line import OneLineParser
from tools.ops.verify import stack_of

if TYPE_CHECKING:
    from tools.local.tables_read import Stack

QUEUES: Final = ("parked-changes", "failed-invocations")
PUBLISHER: Final = "publish-changes"
_TARGET: Final = "TARGET_ARN"
"""The attribute in which EventBridge names the function that it could not reach."""
_HIDDEN_SECONDS: Final = 60
_BATCH: Final = 10
_LOOK_SECONDS: Final = 1
"""A look without waiting asks but some of a queue's servers and may find nothing where there is something."""
_LOOKS_INTO_A_STREAM: Final = 20
_MILLISECONDS: Final = 1_000


class NotTakenError(Exception):
    """A message cannot be brought to its function; the text says why."""


@final
@dataclass(slots=True)
class Outcome:
    """What became of the messages."""

    done: dict[str, str] = field(default_factory=dict)
    """What each was about, by what names it."""
    staying: list[str] = field(default_factory=list)
    """What each was about, and why it stays."""


@final
class Redrive:
    """One pass over the queues of a stack."""

    def __init__(self, stack: "Stack") -> None:
        """Reach the stack's queues and functions."""
        self._stack = stack
        self._sqs = stack.session.client("sqs", endpoint_url=stack.endpoint_url)
        self._lambda: Any = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
        self._streams = stack.session.client("dynamodbstreams", endpoint_url=stack.endpoint_url)

    def run(self) -> Outcome:
        """Bring every message that waits now to its function; tell which are done, and which stay.

        A change that is still poison is put aside again by its function: then it stays as that new message.
        """
        outcome, began_at = Outcome(), time.time() * _MILLISECONDS
        for queue in QUEUES:
            url = self._sqs.get_queue_url(QueueName=f"{self._stack.name}-{queue}")["QueueUrl"]
            kept: list[str] = []
            for message in self._waiting(url):
                target = _target_of(message)
                name, about = _named(message["Body"], target)
                if float(message["Attributes"]["SentTimestamp"]) >= began_at:
                    kept.append(message["ReceiptHandle"])
                    outcome.done.pop(name, None)
                    outcome.staying.append(f"{about}: put aside again, its function's log says why")
                    continue
                try:
                    self._carry_out(json.loads(message["Body"]), target)
                except (NotTakenError, ClientError, ValueError, KeyError) as error:
                    kept.append(message["ReceiptHandle"])
                    outcome.staying.append(f"{about}: {error}")
                else:
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    outcome.done[name] = about
            for handle in kept:  # so that the alarm goes on ringing
                self._sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
        return outcome

    def _waiting(self, url: str) -> Iterator[Mapping[str, Any]]:
        """Yield each message once."""
        seen = set[str]()
        while True:
            found: Sequence[Mapping[str, Any]] = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=_LOOK_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"],
                MessageAttributeNames=[_TARGET],
            ).get("Messages", [])
            fresh = [message for message in found if message["MessageId"] not in seen]
            if not fresh:
                return
            seen.update(message["MessageId"] for message in fresh)
            yield from fresh

    def _carry_out(self, message: Mapping[str, Any], target: str | None) -> None:
        """Bring one message where it belongs: a change, a batch that Lambda gave up, or an invocation.

        A schedule that did not reach its function left its event, and the function's name beside it.

        Raises:
            NotTakenError: it has not been taken.
        """
        if target is not None:
            self._invoke(target, message)
        elif "dynamodb" in message:
            self._publish([message])
        elif "DDBStreamBatchInfo" in message:
            self._publish(self._records_of(message["DDBStreamBatchInfo"]))
        else:
            function = str(message["requestContext"]["functionArn"]).removesuffix(":$LATEST")
            self._invoke(function, message["requestPayload"])

    def _publish(self, records: list[Mapping[str, Any]]) -> None:
        if self._invoke(f"{self._stack.name}-{PUBLISHER}", {"Records": records}).get("batchItemFailures"):
            message = "it can be neither published nor put aside"
            raise NotTakenError(message)

    def _records_of(self, batch: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return the changes of a batch, of which Lambda's message has the place in the stream alone.

        A stream keeps its changes for a day; what is older is refused by the service.

        Raises:
            NotTakenError: the stream no longer has all of them.
        """
        iterator: str | None = self._streams.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
        wanted, found = int(batch["batchSize"]), list[Mapping[str, Any]]()
        for _ in range(_LOOKS_INTO_A_STREAM):
            if iterator is None or len(found) >= wanted:
                break
            answer = self._streams.get_records(ShardIterator=iterator, Limit=wanted - len(found))
            found += [{**record, "eventSourceARN": batch["streamArn"]} for record in answer["Records"]]
            iterator = answer.get("NextShardIterator")
        if len(found) < wanted:
            message = f"of {wanted} changes the stream has {len(found)}"
            raise NotTakenError(message)
        return found

    def _invoke(self, function: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a function returns.

        Raises:
            NotTakenError: it failed.
        """
        answer = self._lambda.invoke(FunctionName=function, Payload=json.dumps(payload, default=str).encode())
        returned: Any = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            message = f"{function.rpartition(':')[2]} failed"
            raise NotTakenError(message)
        return returned if isinstance(returned, Mapping) else {}


def _named(body: str, target: str | None) -> tuple[str, str]:
    """Return what names a message, however often it is sent, and what it is about in words."""
    if target is not None:
        return body, f"a schedule of {target.rpartition(':')[2]}"
    try:
        message = json.loads(body)
    except ValueError:
        return body, "what cannot be read"
    match message:
        case {"dynamodb": dict() as images, "eventID": event_id}:
            table = str(message.get("eventSourceARN")).partition("/")[2].partition("/")[0]
            row = images.get("NewImage") or images.get("OldImage") or images.get("Keys") or {}
            ids = [str(row[name].get("S")) for name in _KEYS if name in row]
            return str(event_id), f"a change of {table} {' '.join(ids)}".strip()
        case {"DDBStreamBatchInfo": {"startSequenceNumber": start, "batchSize": size}}:
            return str(start), f"{size} changes from {start} on"
        case {"requestContext": {"requestId": request_id, "functionArn": function}}:
            return str(request_id), f"an invocation of {str(function).removesuffix(':$LATEST').rpartition(':')[2]}"
        case _:
            return body, "what nobody knows"


_KEYS: Final = ("bookingId", "conversationId", "notificationId")


def _target_of(message: Mapping[str, Any]) -> str | None:
    """Return the function that EventBridge could not reach, if it was EventBridge that put the message aside."""
    target: str | None = message.get("MessageAttributes", {}).get(_TARGET, {}).get("StringValue")
    return target


def main() -> int:
    """Print which messages are done and which stay."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, reached with your credentials")
    chosen = parser.parse_args()
    try:
        outcome = Redrive(stack_of(chosen.outputs, chosen.stack)).run()
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run, or name a STACK)", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"the queues cannot be worked off: {error}", file=sys.stderr)
        return 2
    for word, messages in (("done", list(outcome.done.values())), ("staying", outcome.staying)):
        print(f"{word}: {len(messages)}")
        for about in messages:
            print(f"  {about}")
    return 1 if outcome.staying else 0


if __name__ == "__main__":
    sys.exit(main())
