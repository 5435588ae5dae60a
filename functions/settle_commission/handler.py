"""POST /admin/commissions/{bookingId}/approve, /reject, /waive: an admin judges a payment; nothing is deleted."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from marketplace import bootstrap
from marketplace.booking.views import commission_view
from marketplace.commission.model import Commission
from marketplace.commission.payment_notices import notice_of_step
from marketplace.commission.requests import RejectCommission, WaiveCommission
from marketplace.notification.repository import notice_put
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
    now, caller = utc_now(), call.caller
    return _step(call, now, lambda commission: commission.approve(by=caller, now=now))


@rest.post("/admin/commissions/{bookingId}/reject")
def reject_payment(call: Call) -> dict[str, Any]:
    """Refuse the proof for a reason: the commission is owed again."""
    now, caller, asked = utc_now(), call.caller, call.body(RejectCommission)
    return _step(call, now, lambda commission: commission.reject(by=caller, now=now, reason=asked.reason))


@rest.post("/admin/commissions/{bookingId}/waive")
def waive_commission(call: Call) -> dict[str, Any]:
    """Let the commission go for a reason, when the admin says that this is meant."""
    now, caller, asked = utc_now(), call.caller, call.body(WaiveCommission)
    return _step(
        call,
        now,
        lambda commission: commission.waive(by=caller, now=now, reason=asked.reason, confirmed=asked.confirm),
    )


def _step(call: Call, now: datetime, decide: Callable[[Commission], Commission]) -> dict[str, Any]:
    booking_id = call.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    commission = bootstrap.commissions().change(
        booking_id,
        decide,
        beside=lambda after: [notice_put(notice_of_step(after), now, after.version)],
    )

    count("PaymentsJudged")
    return {"commission": commission_view(commission)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
