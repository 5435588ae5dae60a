"""Who else could take a booking, as its customer sees them."""

from typing import TypedDict

from marketplace.booking.alternatives import Alternative
from marketplace.platform.api.responses import Time
from marketplace.platform.clock import format_utc
from marketplace.platform.language import Language
from marketplace.platform.text.i18n import catalogue


class AlternativeView(TypedDict):
    """Somebody who could take the booking now."""

    therapistId: str
    name: str
    photoUrl: str | None
    price: int
    """Their own, in rupiah, for the same duration; a discount does not apply."""
    startsAt: Time
    reasons: list[str]
    """What speaks for them, in the reader's language."""


class Alternatives(TypedDict):
    """At most three, best first; none while the booking's therapist can still take it."""

    items: list[AlternativeView]


def alternative_view(alternative: Alternative, language: Language) -> AlternativeView:
    """Return one of them in the reader's language."""
    words, therapist = catalogue(language), alternative.therapist
    return {
        "therapistId": therapist.therapist_id,
        "name": therapist.name,
        "photoUrl": getattr(therapist, "photo_url", None),
        "price": alternative.price,
        "startsAt": format_utc(alternative.starts_at),
        "reasons": [words.gettext(f"alternative.{reason}") for reason in alternative.reasons],
    }
