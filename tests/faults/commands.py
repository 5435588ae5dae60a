"""Every command that changes something, each on a market where it can succeed, for tests that break it everywhere."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from marketplace.platform.clock import format_utc
from tests.faults.market import ADMIN, AYU, BUDI, WAYAN, Answered, Market, room_of

type Prepared = Callable[[], Answered | None]
"""Carries the command out; may be called again, as a client repeats what was not answered."""


def create(market: Market) -> Prepared:
    return lambda: market.call(WAYAN, "POST", "/bookings", market.order(discountCode="SEKALI"), key="once")


def create_confirmed(market: Market) -> Prepared:
    wish = {"enabled": True, "noticeMinutes": 60, "maxPerDay": 9}
    market.expect(200, AYU, "PATCH", "/me", {"instantConfirm": wish})
    start = (market.now + timedelta(days=2)).replace(hour=4, minute=0, second=0, microsecond=0)
    order = market.order(bookingType="scheduled", scheduledTime=format_utc(start))
    return lambda: market.call(WAYAN, "POST", "/bookings", order, key="once")


def accept(market: Market) -> Prepared:
    booking_id = market.book()
    return lambda: market.command(AYU, booking_id, "accept")


def decline(market: Market) -> Prepared:
    booking_id = market.book(discountCode="SEKALI")
    return lambda: market.command(AYU, booking_id, "decline", {"reason": "too far"})


def cancel_pending(market: Market) -> Prepared:
    booking_id = market.book()
    return lambda: market.command(WAYAN, booking_id, "cancel")


def cancel_confirmed(market: Market) -> Prepared:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    return lambda: market.command(WAYAN, booking_id, "cancel")


def complete(market: Market) -> Prepared:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    return lambda: market.command(AYU, booking_id, "complete")


def reassign(market: Market) -> Prepared:
    booking_id = market.book(discountCode="SEKALI")
    market.command(AYU, booking_id, "decline")
    return lambda: market.command(ADMIN, booking_id, "reassign", {"therapistId": BUDI.user_id})


def send(market: Market) -> Prepared:
    booking_id = market.book()
    return lambda: market.send(WAYAN, booking_id, "on my way", "m-1")


def read(market: Market) -> Prepared:
    booking_id = market.book()
    return lambda: market.call(AYU, "POST", f"/rooms/{room_of(booking_id)}/read", {"sequence": 3})


def read_notice(market: Market) -> Prepared:
    market.book()
    (notice,) = market.rows("notifications")
    return lambda: market.call(AYU, "POST", f"/notifications/{notice['notificationId']}/read")


def expire(market: Market) -> Prepared:
    market.book()
    market.publish()
    market.wait(minutes=16)

    def sweep() -> None:
        market.sweep()

    return sweep


def connect(market: Market) -> Prepared:
    def open_socket() -> Answered:
        return Answered(status=market.connect(AYU, "connection-ayu"), body={}, headers={})

    return open_socket


def _agreed(market: Market) -> tuple[str, dict[str, str]]:
    """Return a visit that is agreed for the day after tomorrow, and another time for it."""
    start = (market.now + timedelta(days=2)).replace(hour=4, minute=0, second=0, microsecond=0)
    booking_id = market.book(bookingType="scheduled", scheduledTime=format_utc(start))
    market.command(AYU, booking_id, "accept")
    return booking_id, {"scheduledTime": format_utc(start + timedelta(hours=3))}


def reschedule(market: Market) -> Prepared:
    booking_id, later = _agreed(market)
    return lambda: market.command(ADMIN, booking_id, "reschedule", later)


def propose(market: Market) -> Prepared:
    booking_id, later = _agreed(market)
    return lambda: market.command(WAYAN, booking_id, "proposal", later)


def accept_proposal(market: Market) -> Prepared:
    booking_id, later = _agreed(market)
    market.command(WAYAN, booking_id, "proposal", later)
    return lambda: market.command(AYU, booking_id, "proposal/accept")


def decline_proposal(market: Market) -> Prepared:
    booking_id, later = _agreed(market)
    market.command(WAYAN, booking_id, "proposal", later)
    return lambda: market.command(AYU, booking_id, "proposal/decline")


def cancel_with_proposal(market: Market) -> Prepared:
    booking_id, later = _agreed(market)
    market.command(WAYAN, booking_id, "proposal", later)
    return lambda: market.command(WAYAN, booking_id, "cancel")


def start_visit(market: Market) -> Prepared:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    return lambda: market.command(AYU, booking_id, "visit", {"step": "started"})


def report_no_show(market: Market) -> Prepared:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    market.publish()
    market.wait(minutes=50)
    return lambda: market.command(WAYAN, booking_id, "no-show")


def redispatch(market: Market) -> Prepared:
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    offer = {"therapistId": BUDI.user_id, "price": 250_000}
    return lambda: market.command(WAYAN, booking_id, "redispatch", offer)


def close_overdue(market: Market) -> Prepared:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    market.publish()
    market.wait(hours=3)

    def sweep() -> None:
        market.invoke("sweep_visits", {})

    return sweep


def review(market: Market) -> Prepared:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    market.command(AYU, booking_id, "complete")
    market.call(AYU, "POST", f"/bookings/{booking_id}/review", {"rating": 4})
    return lambda: market.call(WAYAN, "POST", f"/bookings/{booking_id}/review", {"rating": 5})


def waive(market: Market) -> Prepared:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    body = {"reason": "goodwill", "confirm": True}
    return lambda: market.call(ADMIN, "POST", f"/admin/commissions/{booking_id}/waive", body)


COMMANDS: Final[Mapping[str, Callable[[Market], Prepared]]] = {
    each.__name__: each
    for each in (
        create,
        create_confirmed,
        accept,
        decline,
        cancel_pending,
        cancel_confirmed,
        complete,
        reassign,
        send,
        read,
        read_notice,
        expire,
        connect,
        reschedule,
        propose,
        accept_proposal,
        decline_proposal,
        cancel_with_proposal,
        start_visit,
        report_no_show,
        redispatch,
        close_overdue,
        review,
        waive,
    )
}
"""By name."""

REPEATABLE: Final = frozenset(
    {
        "create",
        "create_confirmed",
        "accept",
        "send",
        "read",
        "read_notice",
        "expire",
        "start_visit",
        "close_overdue",
    }
)
"""What answers the same when it is said twice; of the others the second is told that it has been done."""
