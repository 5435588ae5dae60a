"""Sends what the queues of WhatsApp, e-mail and SMS bring; before each sending what it is about is read again.

Each channel has a queue of its own, so that a provider that is away holds up no other's messages.
"""

from typing import Any

from marketplace import bootstrap
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.runtime.observability import Category
from marketplace.services.notification.delivery_queue import send_batch


@triggered(Category.BOOKING)
def lambda_handler(event: Event) -> dict[str, Any]:
    """Make one try of each delivery of a batch."""
    return send_batch(event, bootstrap.reach)
