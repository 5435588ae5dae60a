"""What is said of payments."""

from datetime import datetime
from typing import Literal, TypedDict

from marketplace.payment.model import Payment, Status
from marketplace.platform.api.responses import Time
from marketplace.platform.clock import format_utc, format_utc_or_none


class PaymentView(TypedDict):
    """A payment of a commission by QRIS."""

    paymentId: str
    bookingId: str
    provider: str
    method: Literal["qris"]
    amount: int
    currency: str
    qrString: str | None
    """What the QR code to be shown holds; null until the provider has made it."""
    expiresAt: Time
    status: Literal["pending", "paid", "unmatched", "resolved", "expired"]
    """``unmatched``: what came in does not settle the commission and is kept as a credit until a person decides."""
    receivedAmount: int
    paidAt: Time | None


class ListedPayment(PaymentView):
    """A payment with what an admin does about it."""

    therapistId: str
    createdAt: Time
    unmatchedAmount: int
    """What of the received settled nothing and waits for a person."""
    appliedAmount: int
    """What a person put towards a commission of it."""
    refundedAmount: int
    """What a person sent back of it."""


class ResolvedPayment(TypedDict):
    """A payment after a person decided about it."""

    payment: ListedPayment


class EventTaken(TypedDict):
    """The provider need not tell it again."""

    received: Literal[True]


def payment_view(payment: Payment, now: datetime) -> PaymentView:
    """Return a payment as its therapist sees it."""
    return {
        "paymentId": payment.payment_id,
        "bookingId": payment.booking_id,
        "provider": payment.provider,
        "method": "qris",
        "amount": payment.amount,
        "currency": payment.currency,
        "qrString": payment.qr_string,
        "expiresAt": format_utc(payment.expires_at),
        "status": _status_of(payment.as_of(now).status),
        "receivedAmount": payment.received_amount,
        "paidAt": format_utc_or_none(payment.paid_at),
    }


def listed_payment(payment: Payment, now: datetime) -> ListedPayment:
    """Return a payment as an admin sees it."""
    return {
        **payment_view(payment, now),
        "therapistId": payment.therapist_id,
        "createdAt": format_utc(payment.created_at),
        "unmatchedAmount": payment.unmatched_amount,
        "appliedAmount": payment.applied_amount,
        "refundedAmount": payment.refunded_amount,
    }


def _status_of(status: Status) -> Literal["pending", "paid", "unmatched", "resolved", "expired"]:
    match status:
        case Status.CREATING | Status.PENDING:
            return "pending"
        case Status.PAID:
            return "paid"
        case Status.UNMATCHED:
            return "unmatched"
        case Status.RESOLVED:
            return "resolved"
        case Status.EXPIRED:
            return "expired"
