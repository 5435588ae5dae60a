"""Wiring of bookings: what opens, changes, prices and lists them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from marketplace import bootstrap
from marketplace.platform.settings import settings

if TYPE_CHECKING:
    from datetime import datetime

    from marketplace.booking.holds import Holds
    from marketplace.booking.lists import BookingLists
    from marketplace.booking.repository import Bookings
    from marketplace.identity.allowances import Allowance
    from marketplace.services.booking.afterwards import Afterwards
    from marketplace.services.booking.bookings import BookingCommands
    from marketplace.services.booking.calendar_feeds import CalendarFeeds
    from marketplace.services.booking.changes import BookingChanges
    from marketplace.services.booking.instant_confirmations import InstantConfirmations
    from marketplace.services.booking.missed_offers import MissedOffers
    from marketplace.services.booking.new_bookings import NewBookings
    from marketplace.services.booking.offers import OfferCommands
    from marketplace.services.booking.quotes import Quotes
    from marketplace.services.booking.rescue import Rescue
    from marketplace.services.booking.reviews import Reviews
    from marketplace.services.booking.visit_moves import VisitMoves


@cache
def bookings() -> Bookings:
    """Return the bookings."""
    from marketplace.booking.repository import Bookings

    return Bookings(bootstrap.store())


@cache
def holds() -> Holds:
    """Return the time of therapists that bookings hold."""
    from marketplace.booking.holds import Holds

    return Holds(bootstrap.store(), bootstrap.bookings())


@cache
def new_bookings() -> NewBookings:
    """Return the opening of bookings."""
    from marketplace.services.booking.new_bookings import NewBookings

    return NewBookings(
        bootstrap.store(),
        rooms=bootstrap.rooms(),
        policies=bootstrap.policies(),
        limit_scale=settings().rate_limit_scale,
        instant_confirmations=bootstrap.instant_confirmations,
    )


@cache
def instant_confirmations() -> InstantConfirmations:
    """Return what confirms new bookings for therapists who wish so."""
    from marketplace.services.booking.instant_confirmations import InstantConfirmations

    return InstantConfirmations(bootstrap.store(), bank_details_of=bootstrap.bank_details_for)


@cache
def quotes() -> Quotes:
    """Return the prices of visits that nobody has ordered yet."""
    from marketplace.services.booking.quotes import Quotes

    return Quotes(bootstrap.catalogue(), bootstrap.allowances(), limit_scale=settings().rate_limit_scale)


@cache
def booking_changes() -> BookingChanges:
    """Return the way in which bookings change."""
    from marketplace.services.booking.changes import BookingChanges

    return BookingChanges(
        bootstrap.store(),
        bookings=bootstrap.bookings(),
        holds=bootstrap.holds(),
        rooms=bootstrap.rooms(),
        policies=bootstrap.policies(),
        bank_details_of=bootstrap.bank_details_for,
    )


@cache
def booking_commands() -> BookingCommands:
    """Return the commands on bookings."""
    from marketplace.services.booking.bookings import BookingCommands

    return BookingCommands(
        bootstrap.store(),
        bootstrap.booking_changes(),
        bookings=bootstrap.bookings(),
        commissions=bootstrap.commissions(),
        policies=bootstrap.policies(),
        start_code_tries=bootstrap.start_code_tries,
    )


@cache
def visit_moves() -> VisitMoves:
    """Return the commands that move visits to another time."""
    from marketplace.services.booking.visit_moves import VisitMoves

    return VisitMoves(bootstrap.booking_changes(), bootstrap.bookings())


@cache
def calendar_feeds() -> CalendarFeeds:
    """Return the feeds of therapists' visits."""
    from marketplace.services.booking.calendar_feeds import CalendarFeeds

    return CalendarFeeds(bootstrap.store(), bootstrap.bookings())


@cache
def missed_offers() -> MissedOffers:
    """Return what follows from offers that nobody answered."""
    from marketplace.services.booking.missed_offers import MissedOffers

    return MissedOffers(bookings=bootstrap.bookings(), catalogue=bootstrap.catalogue(), policies=bootstrap.policies())


@cache
def afterwards() -> Afterwards:
    """Return what happens to bookings after their end."""
    from marketplace.services.booking.afterwards import Afterwards, AutomaticOffers

    offers = AutomaticOffers(
        rescue=bootstrap.rescue(), commands=bootstrap.booking_commands(), policies=bootstrap.policies()
    )
    return Afterwards(bootstrap.store(), bookings=bootstrap.bookings(), offers=offers)


@cache
def rescue() -> Rescue:
    """Return what finds somebody else for a booking whose therapist fell away."""
    from marketplace.services.booking.rescue import Rescue

    return Rescue(
        bootstrap.store(),
        bookings=bootstrap.bookings(),
        catalogue=bootstrap.catalogue(),
        holds=bootstrap.holds(),
        policies=bootstrap.policies(),
    )


@cache
def reviews() -> Reviews:
    """Return the reviews of visits."""
    from marketplace.services.booking.reviews import Reviews

    return Reviews(bootstrap.store())


@cache
def offer_commands() -> OfferCommands:
    """Return what admins do to hotels and discount codes."""
    from marketplace.services.booking.offers import OfferCommands

    return OfferCommands(bootstrap.store(), bootstrap.catalogue())


@cache
def booking_lists() -> BookingLists:
    """Return bookings in lists."""
    from marketplace.booking.lists import BookingLists

    return BookingLists(bootstrap.bookings())


def start_code_tries(booking_id: str, now: datetime) -> Allowance:
    """Return what may still be tried of a booking's start code, which no deployment scales."""
    from marketplace.identity.allowances import Allowance
    from marketplace.platform.limits import START_CODES

    return Allowance(limit=START_CODES, who=booking_id, scale=1, now=now)
