"""What the rules of a day at random stand on: a market with a clock of its own, the model beside it, and who acts."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from marketplace.platform.caller import Caller, Role
from tests.faults.expected_bookings import Bookings, Expected, Rules
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Answered, Market
from tests.faults.market_environment import environment

MORNING: Final = datetime(2031, 1, 6, 1, tzinfo=UTC)
"""Nine o'clock in Makassar, where Ayu and Budi begin; always the same, so that no run depends on when it is made."""
OTHERS: Final = ("t-citra", "p-ubud-spa")
"""Whom nobody books, but the marketplace may ask them."""
CALLERS: Final = {each.user_id: each for each in (WAYAN, MADE, AYU, BUDI)} | {
    user_id: Caller(user_id=user_id, role=Role.THERAPIST, signed_in_at=2_000_000_000) for user_id in OTHERS
}


class Machine(RuleBasedStateMachine):
    """A market, and what the model knows of its bookings."""

    def __init__(self) -> None:
        super().__init__()
        self._patching = pytest.MonkeyPatch()
        for name, value in environment().items():
            self._patching.setenv(name, value)
        self.market = Market(self._patching)
        self.market.now = MORNING
        self.known: dict[str, Expected] = {}
        self.policy = Rules()
        self.sent = 0
        self.is_idle = False

    def teardown(self) -> None:
        self._patching.undo()

    @property
    def now(self) -> datetime:
        return self.market.now

    @property
    def model(self) -> Bookings:
        return Bookings(known=self.known, now=self.now)

    def caller(self, booking: Expected, by: str) -> Caller:
        return ADMIN if by == "admin" else CALLERS[booking.customer if by == "customer" else booking.therapist]

    def command(self, booking: Expected, by: str, name: str, body: dict[str, Any] | None = None) -> Answered:
        return self.market.command(self.caller(booking, by), booking.booking_id, name, body)


def about(could: Callable[..., object]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Hand a rule a booking, mostly one for which its command could succeed; where there is none, rest mostly."""

    def decorate(act: Callable[..., None]) -> Callable[..., None]:
        @wraps(act)
        def chosen(day: Machine, pick: int, **drawn: Any) -> None:
            everything = list(day.known.values())
            fitting = [each for each in everything if could(day, each, **drawn)]
            pool = fitting if pick % 4 else everything
            day.is_idle = not pool
            if pool:
                act(day, pool[pick % len(pool)], **drawn)

        return chosen

    return decorate


def refuses(answer: Answered, status: int, code: str) -> None:
    """Hold an answer against the refusal that it must be."""
    assert (answer.status, answer.body["code"]) == (status, code), answer
