"""What a policy would have made of the bookings of the last days; nothing is saved."""

from collections.abc import Iterable, Mapping
from copy import replace
from datetime import datetime, timedelta
from typing import Any, final

from msgspec import Struct

from marketplace.booking.fees import outcome
from marketplace.booking.model import Booking
from marketplace.booking.repository import Bookings
from marketplace.catalogue.policy.model import Policy
from marketplace.catalogue.policy.repository import Policies


@final
class Sums(Struct, frozen=True, kw_only=True):
    """What bookings come to together, in rupiah."""

    commission: int = 0
    fees: int = 0


@final
class Replayed(Struct, frozen=True, kw_only=True):
    """How many bookings were judged, and what they come to under their own policies and under another."""

    bookings: int
    before: Sums
    after: Sums


@final
class PolicyReplay:
    """Tries policies out."""

    def __init__(self, bookings: Bookings, policies: Policies) -> None:
        """Read ``bookings`` and the ``policies`` under which they were made."""
        self._bookings = bookings
        self._policies = policies

    def run(self, rules: Mapping[str, Any], *, days: int, now: datetime) -> Replayed:
        """Judge the bookings made in the last days under their own policies and under one with these rules."""
        newest = self._policies.newest()
        made = self._bookings.find_made_since(now - timedelta(days=days))
        found = [each for each in made if not each.is_test]
        return Replayed(
            bookings=len(found),
            before=sums_of(found, {each: self._policies.get(each) for each in {one.policy_version for one in found}}),
            after=sums_of(found, dict.fromkeys({one.policy_version for one in found}, replace(newest, **rules))),
        )


def sums_of(bookings: Iterable[Booking], policies: Mapping[int, Policy]) -> Sums:
    """Return what bookings come to, each under the policy that stands for its version."""
    sums = Sums()
    for booking in bookings:
        found = outcome(booking, policies[booking.policy_version])
        sums = Sums(commission=sums.commission + found.commission, fees=sums.fees + found.fee)
    return sums
