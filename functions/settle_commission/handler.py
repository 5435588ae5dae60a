"""POST /admin/commissions/{bookingId}/approve, /reject, /waive, /revoke, /dispute/resolve: an admin judges a debt."""

from marketplace import bootstrap
from marketplace.commission.model import Commission
from marketplace.commission.requests import (
    DisputeCommission,
    RejectCommission,
    ResolveDispute,
    RevokeCommission,
    WaiveCommission,
)
from marketplace.commission.responses import ChangedCommission, commission_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, FINANCE, THERAPISTS
from marketplace.platform.refusals import ConfirmationRequired, InvalidTransition
from marketplace.platform.runtime.observability import Category, count, logger

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


@api.post(
    "/admin/commissions/{bookingId}/revoke",
    roles=ADMINS,
    duties=FINANCE,
    body=RevokeCommission,
    response=ChangedCommission,
    refusals=(InvalidTransition, ConfirmationRequired),
    summary="Take an approval or a waiver back",
    description="Without `confirm` it answers `confirmation_required` and nothing happens.",
)
def revoke_commission(request: Request, body: RevokeCommission) -> ChangedCommission:
    """Take an approval or a waiver back, when the admin says that this is meant."""
    commands, booking_id = bootstrap.commission_commands(), _booking_id(request)
    return _judged(
        commands.revoke(booking_id, by=request.caller, now=request.now, reason=body.reason, confirmed=body.confirm)
    )


@api.post(
    "/admin/commissions/{bookingId}/dispute/resolve",
    roles=ADMINS,
    duties=FINANCE,
    body=ResolveDispute,
    response=ChangedCommission,
    refusals=(InvalidTransition,),
    summary="End a dispute",
)
def resolve_dispute(request: Request, body: ResolveDispute) -> ChangedCommission:
    """Let the commission stand, reduce it, or let it fall away; what was paid beyond that becomes a credit."""
    commands, booking_id = bootstrap.commission_commands(), _booking_id(request)
    return _judged(
        commands.resolve(
            booking_id,
            body.outcome,
            amount=body.amount,
            by=request.caller,
            now=request.now,
            reason=body.reason,
        )
    )


@api.post(
    "/commissions/{bookingId}/dispute",
    roles=THERAPISTS,
    body=DisputeCommission,
    response=ChangedCommission,
    refusals=(InvalidTransition,),
    summary="Dispute a commission",
    tag="Therapist",
)
def dispute_commission(request: Request, body: DisputeCommission) -> ChangedCommission:
    """Open a dispute in the name of the therapist who owes it; one at a time."""
    commission = bootstrap.commission_commands().dispute(
        _booking_id(request), by=request.caller, now=request.now, reason=body.reason
    )
    count("CommissionsDisputed")
    return {"commission": commission_view(commission)}


def _booking_id(request: Request) -> str:
    booking_id = request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    return booking_id


def _judged(commission: Commission) -> ChangedCommission:
    count("PaymentsJudged")
    return {"commission": commission_view(commission)}


lambda_handler = api.answer
