"""What therapists are told about their commissions: reminders around the deadline, and what admins decided."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from typing import Final, final

from msgspec import Struct

from marketplace.commission.model import Commission
from marketplace.commission.states import DisputeOutcome, PaymentStatus
from marketplace.notification.announcement import Notice
from marketplace.notification.repository import ADMINS_BOX
from marketplace.platform.caller import Role
from marketplace.platform.market import MARKET_ZONE_NAME


@final
class Reminder(Struct, frozen=True, kw_only=True):
    """A reminder at a fixed distance from the payment deadline, as long as the debt stands."""

    stage: str
    """What the record remembers once it has been sent, and the notification is called after."""
    due: timedelta
    """When it is due, from the deadline on."""
    until: timedelta
    """From when on it would come too late."""
    states: tuple[PaymentStatus, ...]


REMINDERS: Final = (
    Reminder(stage="commission_due_soon", due=timedelta(days=-2), until=timedelta(), states=(PaymentStatus.PENDING,)),
    Reminder(
        stage="commission_due",
        due=timedelta(),
        until=timedelta(days=3),
        states=(PaymentStatus.PENDING, PaymentStatus.OVERDUE),
    ),
    Reminder(
        stage="commission_overdue",
        due=timedelta(days=3),
        until=timedelta(days=33),
        states=(PaymentStatus.PENDING, PaymentStatus.OVERDUE),
    ),
)
"""Two days before, on, and three days after the deadline (S112)."""

_STEPS: Final[Mapping[PaymentStatus, str]] = {
    PaymentStatus.PAID: "commission_approved",
    PaymentStatus.PENDING: "commission_rejected",
    PaymentStatus.OVERDUE: "commission_rejected",
    PaymentStatus.WAIVED: "commission_waived",
}
"""What an admin's decision is called, by the state that it led to."""


def reminder_notice(commission: Commission, reminder: Reminder) -> Notice:
    """Return the notification of a reminder."""
    return _notice(commission, reminder.stage)


def reminder_due_at(commission: Commission, reminder: Reminder) -> datetime:
    """Return when a reminder of a record is due."""
    return commission.payment_deadline + reminder.due


def notice_of_step(commission: Commission) -> Notice:
    """Return the notification of an admin's decision about a payment."""
    return _notice(commission, _STEPS[commission.payment_status])


def notice_of_revocation(commission: Commission) -> Notice:
    """Return what tells a therapist that an approval or a waiver was taken back."""
    return _notice(commission, "commission_revoked")


def notice_of_payment(commission: Commission) -> Notice:
    """Return what tells a therapist that a payment has come in."""
    return _notice(commission, "commission_paid")


def notices_of_unmatched(commission: Commission, amount: int, *, therapist_id: str) -> tuple[Notice, Notice]:
    """Return what tells the therapist who paid and the admins of a payment of so many rupiah that settles nothing."""
    notice = replace(_notice(commission, "payment_unmatched"), user_id=therapist_id)
    to_therapist = replace(notice, parameters={**notice.parameters, "amount": {"rupiah": amount}})
    return to_therapist, replace(to_therapist, user_id=ADMINS_BOX, role=Role.ADMIN)


def notice_of_resolution(commission: Commission) -> Notice:
    """Return what tells a therapist how a dispute ended; the amount is what is owed from now on."""
    return _notice(commission, f"commission_dispute_{commission.dispute_outcome or DisputeOutcome.UPHELD}")


def notice_of_dispute(commission: Commission) -> Notice:
    """Return what tells the admins of a new dispute."""
    return replace(_notice(commission, "commission_disputed"), user_id=ADMINS_BOX, role=Role.ADMIN)


def _notice(commission: Commission, kind: str) -> Notice:
    parameters: dict[str, object] = {
        "bookingId": commission.booking_id,
        "amount": {"rupiah": commission.commission_amount},
        "deadline": {
            "instant": commission.payment_deadline.isoformat(timespec="milliseconds"),
            "timeZone": MARKET_ZONE_NAME,
        },
        **({"reason": commission.reason} if commission.reason else {}),
    }
    return Notice(
        user_id=commission.therapist_id,
        role=Role.THERAPIST,
        kind=kind,
        booking_id=commission.booking_id,
        conversation_id=commission.chat_room_id,
        parameters=parameters,
    )
