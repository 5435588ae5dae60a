"""How offers were spread: everybody's share of them, and what became of theirs."""

from copy import replace
from datetime import timedelta

from marketplace.booking.model import offers
from marketplace.operations.offer_shares import shares_of
from marketplace.platform.caller import SYSTEM
from tests.money_rows import AYU, NOON, confirmed_booking, pending_booking
from tools.local.demo_data import THERAPISTS

BUDI = next(each for each in THERAPISTS if each.therapist_id == "t-budi")


def test_every_offer_counts_and_shares_are_of_all_of_them() -> None:
    declined = offers.decline(pending_booking("b-2"), by=AYU, now=NOON)
    anew = offers.redispatch(declined, to=BUDI, by=SYSTEM, now=NOON, window=timedelta(minutes=15))
    missed = pending_booking("b-3")

    shares = shares_of([confirmed_booking("b-1"), anew, missed], NOON + timedelta(minutes=10))

    ayu, budi = shares
    assert (ayu.therapist_id, ayu.offers, ayu.share_bps, ayu.accepted, ayu.missed) == ("t-ayu", 3, 7_500, 1, 1)
    assert (budi.therapist_id, budi.offers, budi.share_bps, budi.found_anew) == ("t-budi", 1, 2_500, 1)


def test_test_bookings_are_no_offers_and_nothing_is_shared_of_none() -> None:
    assert shares_of([replace(pending_booking("b-1"), is_test=True)], NOON) == []
