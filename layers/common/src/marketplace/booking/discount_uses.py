"""Uses of discount codes by bookings: one row names each use, counters bound them in all and for a customer."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from marketplace.booking.model import Booking
from marketplace.catalogue.discount.model import DiscountCode
from marketplace.catalogue.repository import counting_use, returning_use
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Action, Condition, Delete, Put, Update, absent, present

_TOTAL: Final = "discount"
_OF_CUSTOMER: Final = "discount-customer"


def is_used_up(refused: Iterable[str]) -> bool:
    """Say of the labels of refused actions whether all that stands against them is that the code has no use left."""
    return set(refused) <= {_TOTAL, _OF_CUSTOMER}


def taking_use(code: DiscountCode, booking: Booking, now: datetime) -> tuple[list[Action], tuple[str, ...]]:
    """Return what takes one use of a code, and which counters it moves; one row names the use."""
    actions: list[Action] = [
        Put(
            label="discount-use",
            table="claims",
            item={**_use_key(booking), "usedAt": format_utc(now), "whatsApp": booking.customer_whats_app},
            condition=absent("claimKey"),
        )
    ]
    counters = ["total"]
    actions.append(counting_use(code.discount_code, code.max_uses, label=_TOTAL))
    if code.max_uses_per_customer is not None:
        counters.append("customer")
        actions.append(
            Update(
                label=_OF_CUSTOMER,
                table="claims",
                key=_customer_uses_key(booking),
                condition=Condition(
                    expression="attribute_not_exists(#used) OR #used < :most",
                    values={"most": code.max_uses_per_customer},
                ),
                add={"used": 1},
            )
        )
    return actions, tuple(counters)


def returning_uses(booking: Booking) -> Iterator[Action]:
    """Yield what gives the use of a booking's code back."""
    yield Delete(label="return-discount-use", table="claims", key=_use_key(booking), condition=present("claimKey"))
    if "total" in booking.discount_counters:
        yield returning_use(str(booking.discount_code), label="return-discount")
    if "customer" in booking.discount_counters:
        yield Update(
            label="return-discount-customer",
            table="claims",
            key=_customer_uses_key(booking),
            condition=Condition(expression="#used > :none", values={"none": 0}),
            add={"used": -1},
        )


def _use_key(booking: Booking) -> dict[str, str]:
    """Return the key of one use of a code: ``discount#SEKALI`` / ``b-4w2…``."""
    return {"claimKey": f"discount#{booking.discount_code}", "claimId": booking.booking_id}


def _customer_uses_key(booking: Booking) -> dict[str, str]:
    """Return the key of a number's count of uses: ``discount#SEKALI`` / ``+628123…``."""
    return {"claimKey": f"discount#{booking.discount_code}", "claimId": booking.customer_whats_app}
