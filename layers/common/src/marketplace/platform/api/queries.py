"""The query strings that customers, therapists and visitors may send."""

from collections.abc import Iterable
from typing import Annotated, Literal, final

from marketplace.booking.model import BookingStatus, Source
from marketplace.catalogue.therapist import TherapistType
from marketplace.commission.model import PaymentStatus
from marketplace.platform.api.request_model import Lax, Omissible, Query
from marketplace.platform.api.text import (
    LONGEST_PAGE,
    CountInQuery,
    Cursor,
    Day,
    DurationInQuery,
    FlagInQuery,
    LimitInQuery,
    Month,
    PositionInQuery,
    SearchWords,
)


class PageQuery(Query):
    """A page of a list: where it goes on, and how long it may be."""

    cursor: Omissible[Cursor] = None
    limit: LimitInQuery = LONGEST_PAGE


@final
class BookingsQuery(PageQuery):
    """The caller's bookings, newest first."""

    status: Omissible[Annotated[BookingStatus, Lax]] = None
    source: Omissible[Annotated[Source, Lax]] = None


@final
class TherapistsQuery(PageQuery):
    """The catalogue; ``online`` true keeps those who can come now, false the others."""

    online: Omissible[FlagInQuery] = None
    type: Omissible[Annotated[TherapistType, Lax]] = None


@final
class SlotsQuery(Query):
    """The free starts of one local date of the therapist for one length of visit."""

    date: Day
    duration: DurationInQuery


@final
class HotelsQuery(PageQuery):
    """The hotels and villas."""


@final
class RoomsQuery(PageQuery):
    """The caller's rooms, newest booking first."""


@final
class MessagesQuery(PageQuery):
    """Messages of a room: back from ``before``, forward from ``after``, or those that hold the words of ``search``.

    Without any of them the newest page is meant. ``cursor`` goes on where a page of the same kind ended.
    """

    before: Omissible[PositionInQuery] = None
    after: Omissible[CountInQuery] = None
    search: Omissible[SearchWords] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for one way through the room at a time."""
        if self.before is not None and self.after is not None:
            yield "after", "Give before or after, not both."
        if self.search is not None and (self.before is not None or self.after is not None):
            yield "search", "A search goes on with its cursor, not with before or after."


@final
class NotificationsQuery(PageQuery):
    """The caller's notifications, newest first."""


@final
class ExportQuery(PageQuery):
    """What is known of the caller."""


@final
class CommissionsQuery(PageQuery):
    """Commission records, newest first."""

    status: Omissible[Annotated[PaymentStatus, Lax]] = None


@final
class StatementQuery(Query):
    """The month of a statement, in Asia/Jakarta, and how it is to be written."""

    month: Month
    format: Literal["json", "csv"] = "json"
