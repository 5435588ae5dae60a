"""What only admins are told of bookings, therapists and history."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypedDict, cast

from marketplace.booking.responses.booking import AdminBooking
from marketplace.catalogue.therapist.model import Presence, Therapist, TherapistType
from marketplace.operations.offer_shares import OfferShare
from marketplace.operations.offers import Offer
from marketplace.platform.api.responses import Time
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc, format_utc_or_none
from marketplace.platform.money import BASIS_POINTS

HistoryEntry = TypedDict(
    "HistoryEntry",
    {
        "entityId": str,
        "version": int,
        "at": Time,
        "actor": str,
        "actorRole": Role,
        "action": str,
        "from": str | None,
        "to": str | None,
        "reason": str | None,
        "before": dict[str, object] | None,
        "after": dict[str, object],
    },
)
HistoryEntry.__doc__ = "One change: when, by whom, what, from which status to which, and the attributes that changed."


class OfferView(TypedDict):
    """One asking of one therapist."""

    therapistId: str
    offeredAt: Time
    outcome: Literal["accepted", "declined", "expired", "cancelled", "reassigned"] | None
    """Null while it is open."""
    endedAt: Time | None
    reasons: list[str]
    """What was said about it."""


def offer_view(offer: Offer) -> OfferView:
    """Return an offer in wire names."""
    return {
        "therapistId": offer.therapist_id,
        "offeredAt": format_utc(offer.offered_at),
        "outcome": cast("Literal['accepted', 'declined', 'expired', 'cancelled', 'reassigned'] | None", offer.outcome),
        "endedAt": format_utc_or_none(offer.ended_at),
        "reasons": list(offer.reasons),
    }


class AdminBookingDetail(AdminBooking):
    """A booking with its whole life."""

    history: list[HistoryEntry]
    """Oldest first."""
    offers: list[OfferView]
    """To whom it was offered, the first one first."""


class AdminTherapist(TypedDict):
    """A therapist as admins see them."""

    therapistId: str
    name: str
    type: TherapistType
    status: Presence
    suspendedAt: Time | None
    """Since when there are no new bookings, by an admin's word."""
    connected: bool
    """Whether a WebSocket connection is open now."""
    lastSeenAt: Time | None
    openBookings: int
    """Pending and confirmed ones."""
    openOffers: int
    """Those of them that await an answer."""
    missedOffers: int
    """Offers that ran out of time, ever."""
    overdueCommissions: int


CONNECTED_AT_MOST: Final = timedelta(hours=2, minutes=5)
"""No connection lasts longer; one that was never seen to close counts as closed after that."""


def history_view(entry: Mapping[str, Any]) -> HistoryEntry:
    """Return a stored entry of the audit log."""
    return {
        "entityId": str(entry.get("entityId")),
        "version": entry.get("version", 0),
        "at": str(entry.get("at")),
        "actor": str(entry.get("actor")),
        "actorRole": entry["actorRole"],
        "action": str(entry.get("action")),
        "from": entry.get("fromStatus"),
        "to": entry.get("toStatus"),
        "reason": entry.get("reason"),
        "before": entry.get("before"),
        "after": entry.get("after") or {},
    }


class OfferShareView(TypedDict):
    """What one therapist was offered; numbers of bookings."""

    therapistId: str
    offers: int
    share: float
    """Of all offers, 0 to 1."""
    accepted: int
    declined: int
    missed: int
    foundAnew: int
    """Offers that came to them because somebody else did not take the booking or fell away."""


class OfferSharesView(TypedDict):
    """How the offers of some days were spread, the largest share first."""

    since: Time
    until: Time
    items: list[OfferShareView]


def offer_shares_view(shares: Iterable[OfferShare], since: datetime, until: datetime) -> OfferSharesView:
    """Return shares as admins read them."""
    return {
        "since": format_utc(since),
        "until": format_utc(until),
        "items": [
            {
                "therapistId": share.therapist_id,
                "offers": share.offers,
                "share": share.share_bps / BASIS_POINTS,
                "accepted": share.accepted,
                "declined": share.declined,
                "missed": share.missed,
                "foundAnew": share.found_anew,
            }
            for share in shares
        ],
    }


def admin_therapist_view(  # noqa: PLR0913 - one argument for each thing that is counted
    therapist: Therapist, stored: Mapping[str, Any], *, offers: int, confirmed: int, overdue: int, now: datetime
) -> AdminTherapist:
    """Return a therapist with what admins watch: presence, open and missed offers, debts past their time."""
    seen_at = therapist.last_seen_at
    connected = bool(stored.get("connections")) and seen_at is not None and now - seen_at < CONNECTED_AT_MOST
    return {
        "therapistId": therapist.therapist_id,
        "name": therapist.name,
        "type": therapist.therapist_type,
        "status": therapist.status,
        "suspendedAt": format_utc_or_none(therapist.suspended_at),
        "connected": connected,
        "lastSeenAt": format_utc(now) if connected else None if seen_at is None else format_utc(seen_at),
        "openBookings": offers + confirmed,
        "openOffers": offers,
        "missedOffers": int(stored.get("missedOffers", 0)),
        "overdueCommissions": overdue,
    }
