"""Reviews as their readers see them."""

from datetime import datetime
from typing import TypedDict

from marketplace.booking.review import Review
from marketplace.platform.api.responses import Time
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc, format_utc_or_none


class ReviewView(TypedDict):
    """One party's review of a visit."""

    bookingId: str
    therapistId: str
    author: Role
    rating: int
    """1 to 5."""
    text: str | None
    createdAt: Time
    shown: bool
    """Whether others see it: since both are in, or seven days after the completion."""
    shownAt: Time
    """From when on, at the latest."""
    reply: str | None
    """The therapist's answer."""
    repliedAt: Time | None


def review_view(review: Review, now: datetime) -> ReviewView:
    """Return a review; whether the reader may see it has been decided."""
    return {
        "bookingId": review.booking_id,
        "therapistId": review.therapist_id,
        "author": review.author,
        "rating": review.rating,
        "text": review.text,
        "createdAt": format_utc(review.created_at),
        "shown": review.is_shown(now),
        "shownAt": format_utc(review.show_at),
        "reply": review.reply,
        "repliedAt": format_utc_or_none(review.replied_at),
    }
