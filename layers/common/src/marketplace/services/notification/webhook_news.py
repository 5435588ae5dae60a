"""What other systems are told of: each step of a booking and of a commission, and each review that is shown."""

from datetime import datetime
from typing import final

from marketplace.booking.model import Booking
from marketplace.booking.responses.booking import booking_view
from marketplace.booking.responses.reviews import review_view
from marketplace.commission.model import Commission
from marketplace.commission.responses import commission_view
from marketplace.platform.caller import Role
from marketplace.services.booking.reviews import Reviews
from marketplace.services.notification.webhooks import WebhookPlanner

_HIDDEN = ("customerWhatsApp", "location", "roomNumber", "startCode")
"""What other systems need not know of a customer."""


@final
class WebhookNews:
    """Plans telling of them, each under an id that follows from it."""

    def __init__(self, planner: WebhookPlanner, reviews: Reviews) -> None:
        """Plan with ``planner``; reviews are read when they are told of."""
        self._planner = planner
        self._reviews = reviews

    def of_booking(self, booking: Booking) -> None:
        """Plan telling of the latest step of a booking."""
        if booking.is_test:
            return
        self._planner.plan(
            f"booking.{booking.event.value}",
            of=f"{booking.booking_id}#{booking.version}",
            booking_id=booking.booking_id,
            data=lambda: {
                "booking": {
                    **booking_view(booking, Role.CUSTOMER, booking.updated_at),
                    **dict.fromkeys(_HIDDEN),
                }
            },
            at=booking.updated_at,
        )

    def of_commission(self, commission: Commission) -> None:
        """Plan telling of the latest step of a commission."""
        if commission.is_test:
            return
        self._planner.plan(
            f"commission.{commission.payment_status.value}",
            of=f"{commission.booking_id}#{commission.version}",
            booking_id=commission.booking_id,
            data=lambda: {"commission": commission_view(commission)},
            at=commission.updated_at,
        )

    def of_review(self, booking_id: str, author: Role, shown_at: datetime) -> None:
        """Plan telling of a party's review of a visit, which is shown since then; nothing once it is erased."""
        review = next((each for each in self._reviews.find_of(booking_id) if each.author is author), None)
        if review is None:
            return
        self._planner.plan(
            "review.shown",
            of=f"{booking_id}#{author.value}",
            booking_id=booking_id,
            data=lambda: {"review": review_view(review, shown_at)},
            at=shown_at,
        )
