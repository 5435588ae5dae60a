"""The bodies with which staff manage webhooks."""

from collections.abc import Iterable
from typing import Annotated, Final, final

from pydantic import Field

from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import Text

MOST_EVENTS: Final = 50
_Url = Annotated[str, Text(1, 2_000)]
_EventName = Annotated[
    str, Text(1, 64, pattern="(booking|commission|review)\\.[a-z_]+", complaint="There is no such event.")
]
_Events = Annotated[tuple[_EventName, ...], Field(max_length=MOST_EVENTS, json_schema_extra={"minItems": 1}), Lax]


def _broken_events(events: tuple[str, ...] | None) -> Iterable[tuple[str, str]]:
    if events == ():
        yield "events", "This must have at least one entry."
    if events is not None and len(set(events)) < len(events):
        yield "events", "An event is named twice."


@final
class NewWebhook(RequestModel):
    """Where another system listens, and to what."""

    url: _Url
    events: _Events

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for events, each once."""
        yield from _broken_events(self.events)


@final
class WebhookChange(RequestModel):
    """The parts of a webhook that change; switching it on again forgets its failures."""

    url: Omissible[_Url] = None
    events: Omissible[_Events] = None
    active: Omissible[bool] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a change, and for events, each once."""
        if not self.model_fields_set:
            yield "", "Give at least one field to change."
        yield from _broken_events(self.events)


@final
class WebhookDeliveriesQuery(PageQuery):
    """What a webhook was told, newest first."""
