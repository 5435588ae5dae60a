"""What any answer of the server may hold, in wire names, and what all responses have in common.

Times are RFC 3339 UTC with milliseconds, money is whole rupiah, ids are opaque. A field that may be ``null`` is always
present; one that may be absent says so (``NotRequired``). Each noun has a module ``responses`` of its own: a class for
each shape, a docstring for each field, and the function that fills it, which mypy holds against the shape. A class
named ``…View`` shows a model of the name before it, by which the document calls it.
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict


class Format:
    """Says in the document how a text is written."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        """Take a format of JSON Schema: ``date-time``, ``date``."""
        self.name = name

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, str]:  # noqa: ANN401 - pydantic's, which is not imported for it
        """Describe the text to whoever generates documents."""
        del schema, handler
        return {"type": "string", "format": self.name}


Time = Annotated[str, Format("date-time")]
"""``2026-11-22T08:15:00.000Z``."""
Day = Annotated[str, Format("date")]
"""``2026-11-22``."""


class BrokenRule(TypedDict):
    """One field of the input that breaks a rule."""

    path: str
    """Where, in wire names: ``location.latitude``; empty for the whole."""
    message: str


class Problem(TypedDict):
    """Why a request was refused (RFC 9457, ``application/problem+json``)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    """Stable and meant for programs."""
    requestId: str
    """The same as the ``x-request-id`` header; say it when you ask about the request."""
    errors: NotRequired[list[BrokenRule]]
    """Present for ``validation_failed``."""
    bookingId: NotRequired[str | None]
    """Present for ``duplicate_booking``: the caller's own open booking, null if it is not the caller's."""
    pendingBookings: NotRequired[list[str]]
    """Present for ``confirmation_required`` of a booking: the caller's own open bookings."""
    bookingStatus: NotRequired[str]
    """Present where the state of a booking is in the way: the state it is in now."""


class Page[Item](TypedDict):
    """A page of a list; it may be shorter than asked for, even empty, while ``nextCursor`` is set."""

    items: list[Item]
    nextCursor: str | None
    """Give it as ``cursor`` to go on; null at the end."""


class Document(TypedDict):
    """An OpenAPI or AsyncAPI document; beside these it has what its standard says."""

    info: dict[str, object]
    components: dict[str, object]


class Redirection(TypedDict):
    """An empty body; ``Location`` says where the file is."""


class Text(TypedDict):
    """No JSON, but what the route's ``media`` names."""


class Pong(TypedDict):
    """The answer to ``ping``."""

    type: Literal["pong"]
    requestId: NotRequired[str]


class ErrorFrame(TypedDict):
    """Why a frame was refused; the connection stays."""

    type: Literal["error"]
    requestId: str | None
    """As the frame had it; null if it had none or could not be read."""
    code: str
    detail: str
    errors: NotRequired[list[BrokenRule]]


class Reconnect(TypedDict):
    """The connection will be closed soon: open another one and carry on there."""

    type: Literal["reconnect"]
