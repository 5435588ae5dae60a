"""The one clock, and the one way to write an instant."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

Instant = Annotated[datetime, Meta(tz=True)]
"""An instant of a stored model: one without an offset from UTC is refused when the row is read."""


def utc_now() -> datetime:
    """Return the present instant in UTC, cut to the milliseconds that the wire and the tables carry."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def format_utc(instant: datetime) -> str:
    """Write an aware instant as the contract does: ``2026-11-22T08:15:00.000Z``."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_utc_or_none(instant: datetime | None) -> str | None:
    """Write an instant that may not have come yet."""
    return None if instant is None else format_utc(instant)


def parse_utc(text: str) -> datetime:
    """Read what :func:`written` wrote.

    Raises:
        ValueError: the text is no instant, or has no offset.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        message = "an instant needs an offset"
        raise ValueError(message)
    return instant.astimezone(UTC)
