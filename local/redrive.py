"""`make redrive`: brings what was put aside to its function once more, and lets go of what is done.

Two queues hold what failed for good: changes that nobody could publish, and asynchronous invocations. A
message is removed only after its function has taken it; every function bears being told twice.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

from botocore.exceptions import ClientError

from local.verify import stack_of

if TYPE_CHECKING:
    from local.tables_read import Stack

QUEUES: Final = ("parked-changes", "failed-invocations")
PUBLISHER: Final = "publish-changes"
_HIDDEN_SECONDS: Final = 60
_BATCH: Final = 10


@final
class Redrive:
    """One pass over the queues of a stack."""

    def __init__(self, stack: "Stack") -> None:
        """Reach the stack's queues and functions."""
        self._stack = stack
        self._sqs = stack.session.client("sqs", endpoint_url=stack.endpoint_url)
        self._lambda: Any = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
        self._streams = stack.session.client("dynamodbstreams", endpoint_url=stack.endpoint_url)

    def run(self) -> Counter[str]:
        """Bring every message that waits now to its function; return how many are done, and how many stay.

        A change that is still poison is put aside again: such a new message is left, and counts as staying.
        """
        outcomes, began_at = Counter[str](), time.time() * 1000
        for queue in QUEUES:
            url = self._sqs.get_queue_url(QueueName=f"{self._stack.name}-{queue}")["QueueUrl"]
            for message in self._waiting(url):
                if float(message["Attributes"]["SentTimestamp"]) >= began_at:
                    outcomes["staying"] += 1
                    outcomes["done"] -= 1
                elif self._carried_out(json.loads(message["Body"])):
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    outcomes["done"] += 1
                else:
                    outcomes["staying"] += 1
        return outcomes

    def _waiting(self, url: str) -> Iterator[Mapping[str, Any]]:
        """Yield each message once."""
        seen = set[str]()
        while True:
            found: Sequence[Mapping[str, Any]] = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HIDDEN_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"],
            ).get("Messages", [])
            fresh = [message for message in found if message["MessageId"] not in seen]
            if not fresh:
                return
            seen.update(message["MessageId"] for message in fresh)
            yield from fresh

    def _carried_out(self, message: Mapping[str, Any]) -> bool:
        """Bring one message where it belongs: a change, a batch that Lambda gave up, or an invocation."""
        if "dynamodb" in message:
            return self._publish([message])
        if "DDBStreamBatchInfo" in message:
            return self._publish(self._records_of(message["DDBStreamBatchInfo"]))
        function = str(message.get("requestContext", {}).get("functionArn", "")).removesuffix(":$LATEST")
        return bool(function) and self._invoke(function, message.get("requestPayload", {})) is not None

    def _publish(self, records: list[Mapping[str, Any]]) -> bool:
        answer = self._invoke(f"{self._stack.name}-{PUBLISHER}", {"Records": records})
        return answer is not None and not answer.get("batchItemFailures")

    def _records_of(self, batch: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return the changes of a batch, of which Lambda's message has the place in the stream alone.

        A stream keeps its changes for a day; what is older raises.
        """
        iterator = self._streams.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
        answer = self._streams.get_records(ShardIterator=iterator, Limit=int(batch["batchSize"]))
        return [{**record, "eventSourceARN": batch["streamArn"]} for record in answer["Records"]]

    def _invoke(self, function: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what a function returns, or nothing if it failed."""
        answer = self._lambda.invoke(FunctionName=function, Payload=json.dumps(payload, default=str).encode())
        if "FunctionError" in answer:
            return None
        returned: Mapping[str, Any] | None = json.loads(answer["Payload"].read() or b"null")
        return returned or {}


def main() -> int:
    """Print how many messages are done and how many stay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, reached with your credentials")
    chosen = parser.parse_args()
    try:
        outcomes = Redrive(stack_of(chosen.outputs, chosen.stack)).run()
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run, or name a STACK)", file=sys.stderr)
        return 2
    except ClientError as error:
        print(f"the queues cannot be worked off: {error}", file=sys.stderr)
        return 2
    print(f"done: {outcomes['done']}\nstaying: {outcomes['staying']}")
    return 1 if outcomes["staying"] else 0


if __name__ == "__main__":
    sys.exit(main())
