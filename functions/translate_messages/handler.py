"""From the stream of messages: translates what somebody has asked to read in another language.

It has the stream for itself: a provider that is slow or away holds up neither messages nor notifications. What cannot
be translated within its few tries stays as it was written.
"""

from typing import Any

from marketplace import bootstrap
from marketplace.chat.message import Message
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.dynamodb.attribute_values import from_item
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.refusals import NotFound
from marketplace.platform.runtime.observability import Category, Severity, report


@triggered(Category.CHAT)
def lambda_handler(event: Event) -> dict[str, Any]:
    """Translate the messages of a batch, each at most once here: what fails is left as it is."""
    done = sum(_translated(record) for record in event["Records"])
    return {"translated": done, "batchItemFailures": []}


def _translated(record: Any) -> bool:  # noqa: ANN401 - a record of the stream
    image = record["dynamodb"].get("NewImage")
    if image is None:
        return False
    try:
        message = from_record(Message, from_item(image))
        return bootstrap.translations().add(message)
    except NotFound:
        return False
    except Exception as error:  # noqa: BLE001 - one message must not hold up the others; people read the original
        report(
            "message not translated",
            category=Category.CHAT,
            severity=Severity.WARNING,
            code="message_not_translated",
            error=error,
        )
        return False
