"""The queue in which changes wait that nobody could publish."""

from typing import final

from marketplace.platform.resilience import Dependency


@final
class DeadLetters:
    """An SQS queue that people look at, and redrive from."""

    def __init__(self, sqs: Dependency, queue_url: str) -> None:
        """Use one queue."""
        self._sqs = sqs
        self._queue_url = queue_url

    def send(self, text: str) -> None:
        """Park one change."""
        self._sqs.call("send_message", QueueUrl=self._queue_url, MessageBody=text)
