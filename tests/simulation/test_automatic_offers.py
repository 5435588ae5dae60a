"""Offers that the marketplace makes by itself, over a thousand evenings at random: few, one at a time, taken once."""

from collections.abc import Iterator
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final, cast

from marketplace.booking.alternatives import Alternative, candidate, ranked
from marketplace.booking.model import Booking, BookingStatus, offers, visits
from marketplace.catalogue.policy.model import Policy, Redispatch
from marketplace.catalogue.therapist.model import Presence, Therapist
from marketplace.platform.caller import SYSTEM, Caller, Role
from marketplace.platform.refusals import InvalidTransition, Refusal, VersionChanged
from marketplace.services.booking.afterwards import AutomaticOffers, Looked
from tests.money_rows import NOON, pending_booking
from tools.local.demo_data import THERAPISTS

if TYPE_CHECKING:
    from marketplace.catalogue.policy.repository import Policies
    from marketplace.services.booking.bookings import BookingCommands
    from marketplace.services.booking.rescue import Rescue

SEEDS: Final = 1_000
MINUTES: Final = 90
CUSTOMER: Final = Caller(user_id="c-wayan", role=Role.CUSTOMER)


@dataclass(slots=True)
class Evening:
    """One booking among some therapists; every change of it is conditional on its version, as in the tables."""

    seed: int
    random: Random = field(init=False)
    policy: Policy = field(init=False)
    therapists: dict[str, Therapist] = field(init=False)
    booking: Booking = field(init=False)
    offered: list[tuple[datetime, str, int]] = field(default_factory=list)
    """When the marketplace offered it to whom, at which price."""
    accepted: int = 0

    def __post_init__(self) -> None:
        self.random = draw = Random(self.seed)  # noqa: S311 - a simulation
        self.policy = Policy(
            redispatch=Redispatch.AUTO,
            redispatch_max_offers=draw.randint(1, 4),
            redispatch_max_minutes=draw.choice([5, 30, 60]),
        )
        self.therapists = {each.therapist_id: each for each in map(self._therapist, range(draw.randint(1, 8)))}
        self.booking = pending_booking("b-1", price=250_000, list_price=250_000, duration=60)

    def _therapist(self, number: int) -> Therapist:
        price = self.random.choice([200_000, 250_000, 250_000, 300_000])
        menu = tuple(replace(item, prices={"60": price}) for item in THERAPISTS[0].menu)
        status = Presence.ONLINE if self.random.random() < 0.8 else Presence.OFFLINE
        return replace(THERAPISTS[0], therapist_id=f"t-{number}", menu=menu, status=status)

    # What AutomaticOffers asks -----------------------------------------------------------------------------

    def get(self, version: int) -> Policy:
        """Return the policy."""
        assert version == self.booking.policy_version
        return self.policy

    def alternatives_to(self, booking: Booking, now: datetime, *, most: int | None) -> Iterator[Alternative]:
        """Yield who could come; now and then somebody is asked by others meanwhile."""
        assert most is None
        yield from ranked(
            found for each in self.therapists.values() if (found := candidate(booking, each, now)) is not None
        )

    def redispatch(  # noqa: PLR0913 - as of the real one
        self, booking_id: str, *, to: str, price: int, expected_version: int, by: Caller, now: datetime
    ) -> None:
        """Offer it, if nothing happened to it since it was read."""
        assert booking_id == self.booking.booking_id
        if expected_version != self.booking.version:
            raise VersionChanged(self.booking.status, self.booking.version)
        window = self.policy.response_window
        self.booking = offers.redispatch(self.booking, to=self.therapists[to], by=by, now=now, window=window)
        assert self.booking.price == price
        assert by is SYSTEM
        self.offered.append((now, to, price))

    # What happens ------------------------------------------------------------------------------------------

    def pass_minute(self, now: datetime) -> None:
        """Let people do something, and the sweep look: twice at once now and then, from what each has read."""
        draw, seen = self.random, self.booking
        if draw.random() < 0.3:
            self._somebody_acts(now)
        looker = AutomaticOffers(
            rescue=cast("Rescue", self), commands=cast("BookingCommands", self), policies=cast("Policies", self)
        )
        for read in (draw.choice([seen, self.booking]), self.booking):
            version = self.booking.version
            try:
                looked = looker.look(read, now)
            except VersionChanged:
                assert read.version != self.booking.version
                looked = None
            assert (looked is Looked.OFFERED) is (self.booking.version != version)

    def _somebody_acts(self, now: datetime) -> None:
        booking = self.booking
        therapist = Caller(user_id=booking.therapist_id, role=Role.THERAPIST)
        try:
            match self.random.choice(["accept", "decline", "decline", "expire", "cancel", "fall ill", "leave"]):
                case "accept":
                    self.booking = offers.accept(booking, by=therapist, now=now)
                    self.accepted += 1
                case "decline":
                    self.booking = offers.decline(booking, by=therapist, now=now)
                case "expire":
                    self.booking = offers.expire(booking, now=now)
                case "cancel" if self.random.random() < 0.1:
                    self.booking = visits.cancel(booking, by=CUSTOMER, now=now)
                case "fall ill":
                    self.booking = visits.cancel(booking, by=therapist, now=now, reason="ill")
                case _:
                    someone = self.random.choice(list(self.therapists))
                    self.therapists[someone] = replace(self.therapists[someone], status=Presence.OFFLINE)
        except Refusal:
            pass


def judge(evening: Evening, ends: list[datetime]) -> None:
    """Hold what was offered against the policy; each acceptance that fell through begins the search anew."""
    policy = evening.policy
    searches: list[list[tuple[datetime, str, int]]] = [[] for _ in range(len(ends) + 1)]
    for offer in evening.offered:
        searches[sum(end <= offer[0] for end in ends)].append(offer)
    for search in searches:
        names = [name for _, name, _ in search]
        assert len(names) <= policy.redispatch_max_offers
        assert len(set(names)) == len(names)
        assert all(price <= 250_000 for _, _, price in search)
        if search:
            assert search[-1][0] - search[0][0] < timedelta(minutes=policy.redispatch_max_minutes)


def evening_of(seed: int) -> tuple[Evening, list[datetime]]:
    """Return an evening that is over, and when visits that were agreed fell through."""
    evening, ends = Evening(seed), []
    for minute in range(MINUTES):
        now = NOON + timedelta(minutes=minute)
        before = evening.booking
        evening.pass_minute(now)
        if before.status is BookingStatus.CONFIRMED and evening.booking.status is not BookingStatus.CONFIRMED:
            ends.append(now)
    return evening, ends


def test_over_a_thousand_evenings_offers_are_few_one_at_a_time_and_taken_once() -> None:
    offered = accepted = 0
    for seed in range(SEEDS):
        evening, ends = evening_of(seed)
        judge(evening, ends)
        assert evening.accepted <= 1 + len(ends), seed  # one yes for each search
        offered, accepted = offered + len(evening.offered), accepted + evening.accepted
    assert offered > SEEDS / 2  # else it has shown nothing
    assert accepted > SEEDS / 4


def test_an_offer_from_what_was_read_before_another_is_refused() -> None:
    evening = Evening(7)
    evening.therapists = {each.therapist_id: each for each in THERAPISTS}
    therapist = Caller(user_id=evening.booking.therapist_id, role=Role.THERAPIST)
    read = evening.booking = offers.decline(evening.booking, by=therapist, now=NOON)
    looker = AutomaticOffers(
        rescue=cast("Rescue", evening), commands=cast("BookingCommands", evening), policies=cast("Policies", evening)
    )
    assert looker.look(read, NOON) is Looked.OFFERED
    try:
        looker.look(read, NOON)
    except (VersionChanged, InvalidTransition):
        assert len(evening.offered) == 1
    else:
        raise AssertionError
