"""The bodies and query strings of reports, and of calls for help."""

from collections.abc import Iterable
from typing import Annotated, final

from pydantic import Field

from marketplace.catalogue.place.model import Latitude, Longitude
from marketplace.moderation.report import Outcome, ReportStatus
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, Omissible, Query, RequestModel
from marketplace.platform.api.text import LARGEST_SEQUENCE, Cursor, Id, MessageText, Month, Reason


@final
class NewReport(RequestModel):
    """What somebody reports: a room, one of its messages, or a booking."""

    conversation_id: Omissible[Id] = None
    sequence: Omissible[Annotated[int, Field(ge=1, le=LARGEST_SEQUENCE)]] = None
    booking_id: Omissible[Id] = None
    reason: Reason
    text: Omissible[MessageText] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for what is reported, and for the room of a message."""
        if self.conversation_id is None and self.booking_id is None:
            yield "conversationId", "Name the room or the booking that this is about."
        if self.sequence is not None and self.conversation_id is None:
            yield "conversationId", "A message is named with its room."


@final
class ResolveReport(RequestModel):
    """What a report has led to."""

    action: Annotated[Outcome, Lax]
    note: Reason


@final
class ReportsQuery(PageQuery):
    """Reports, newest first."""

    status: Omissible[Annotated[ReportStatus, Lax]] = None


@final
class EvidenceQuery(Query):
    """A room as evidence: from the beginning, or where an earlier answer ended."""

    cursor: Omissible[Cursor] = None


@final
class MaskedMessagesQuery(PageQuery):
    """People whose messages were masked in a month; in the present one without it."""

    month: Omissible[Month] = None


@final
class CallForHelp(RequestModel):
    """Where somebody is who needs help, and what they say."""

    latitude: Omissible[Latitude] = None
    longitude: Omissible[Longitude] = None
    text: Omissible[MessageText] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for both coordinates or none."""
        if (self.latitude is None) is not (self.longitude is None):
            yield "longitude" if self.longitude is None else "latitude", "Give both coordinates, or none."
