"""POST /admin/commissions/{bookingId}/approve, /reject, /waive: an admin judges a payment; nothing is deleted."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.views import commission_view
from marketplace.commission.model import Commission
from marketplace.commission.requests import RejectCommission, WaiveCommission
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.request_model import NoBody
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, count, logger

rest = Rest(Category.PAYMENT)


@rest.post("/admin/commissions/{bookingId}/approve")
def approve_payment(call: Call) -> dict[str, Any]:
    """Accept the proof: the commission is paid."""
    call.optional_body(NoBody)
    return _judged(bootstrap.commission_commands().approve(_booking_id(call), by=call.caller, now=utc_now()))


@rest.post("/admin/commissions/{bookingId}/reject")
def reject_payment(call: Call) -> dict[str, Any]:
    """Refuse the proof for a reason: the commission is owed again."""
    caller, asked = call.caller, call.body(RejectCommission)
    return _judged(
        bootstrap.commission_commands().reject(_booking_id(call), by=caller, now=utc_now(), reason=asked.reason)
    )


@rest.post("/admin/commissions/{bookingId}/waive")
def waive_commission(call: Call) -> dict[str, Any]:
    """Let the commission go for a reason, when the admin says that this is meant."""
    caller, asked = call.caller, call.body(WaiveCommission)
    return _judged(
        bootstrap.commission_commands().waive(
            _booking_id(call), by=caller, now=utc_now(), reason=asked.reason, confirmed=asked.confirm
        )
    )


def _booking_id(call: Call) -> str:
    booking_id = call.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    return booking_id


def _judged(commission: Commission) -> dict[str, Any]:
    count("PaymentsJudged")
    return {"commission": commission_view(commission)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
