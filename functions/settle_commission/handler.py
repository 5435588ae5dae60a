"""POST /admin/commissions/{bookingId}/approve, /reject, /waive: an admin judges a payment; nothing is deleted."""

from marketplace import bootstrap
from marketplace.commission.model import Commission
from marketplace.commission.requests import RejectCommission, WaiveCommission
from marketplace.commission.responses import ChangedCommission, commission_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, FINANCE
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import ConfirmationRequired, InvalidTransition

api = Api(Category.PAYMENT, tag="Administration")


@api.post(
    "/admin/commissions/{bookingId}/approve",
    roles=ADMINS,
    duties=FINANCE,
    response=ChangedCommission,
    refusals=(InvalidTransition,),
    summary="Accept a proof: the commission is paid",
)
def approve_commission(request: Request) -> ChangedCommission:
    """Accept the proof: the commission is paid."""
    commands, booking_id = bootstrap.commission_commands(), _booking_id(request)
    return _judged(commands.approve(booking_id, by=request.caller, now=request.now))


@api.post(
    "/admin/commissions/{bookingId}/reject",
    roles=ADMINS,
    duties=FINANCE,
    body=RejectCommission,
    response=ChangedCommission,
    refusals=(InvalidTransition,),
    summary="Refuse a proof: the commission is owed again",
)
def reject_commission(request: Request, body: RejectCommission) -> ChangedCommission:
    """Refuse the proof for a reason: the commission is owed again."""
    commands, booking_id = bootstrap.commission_commands(), _booking_id(request)
    return _judged(commands.reject(booking_id, by=request.caller, now=request.now, reason=body.reason))


@api.post(
    "/admin/commissions/{bookingId}/waive",
    roles=ADMINS,
    duties=FINANCE,
    body=WaiveCommission,
    response=ChangedCommission,
    refusals=(InvalidTransition, ConfirmationRequired),
    summary="Let a commission go",
    description="Without `confirm` it answers `confirmation_required` and nothing happens.",
)
def waive_commission(request: Request, body: WaiveCommission) -> ChangedCommission:
    """Let the commission go for a reason, when the admin says that this is meant."""
    commands, booking_id = bootstrap.commission_commands(), _booking_id(request)
    return _judged(
        commands.waive(booking_id, by=request.caller, now=request.now, reason=body.reason, confirmed=body.confirm)
    )


def _booking_id(request: Request) -> str:
    booking_id = request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    return booking_id


def _judged(commission: Commission) -> ChangedCommission:
    count("PaymentsJudged")
    return {"commission": commission_view(commission)}


lambda_handler = api.answer
