"""QRIS: what therapists pay, what the provider tells, what admins make of it, and what was told to nobody."""

from http import HTTPStatus
from typing import Any

from marketplace import bootstrap
from marketplace.payment.requests import PaymentsQuery, ProviderEvent, ResolvePayment
from marketplace.payment.responses import (
    EventTaken,
    ListedPayment,
    PaymentView,
    ResolvedPayment,
    listed_payment,
    payment_view,
)
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event, triggered
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, ANYONE, FINANCE, THERAPISTS
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import InvalidTransition, NotFound, PaymentsUnavailable, Unauthenticated
from marketplace.platform.runtime.observability import Category, logger

api = Api(Category.PAYMENT, tag="Therapist")


@api.post(
    "/commissions/{bookingId}/payments",
    roles=THERAPISTS,
    response=PaymentView,
    status=HTTPStatus.CREATED,
    refusals=(InvalidTransition, PaymentsUnavailable),
    idempotent=True,
    summary="Pay a commission by QRIS",
    description="Answers with what the QR code holds; what is paid settles the commission by itself.",
)
def pay_commission(request: Request) -> PaymentView:
    """Return a payment of what is due, with the code to be shown."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    payment_id = identifiers.payment_id(caller.user_id, booking_id, request.idempotency_key)
    return payment_view(bootstrap.payment_commands().ask(payment_id, booking_id, by=caller, now=now), now)


@api.get(
    "/payments/{paymentId}",
    roles=THERAPISTS | ADMINS,
    duties=FINANCE,
    response=PaymentView,
    summary="Read a payment",
)
def read_payment(request: Request) -> PaymentView:
    """Return a payment of the caller."""
    payment = bootstrap.payment_commands().find(request.path("paymentId"), by=request.caller)
    return payment_view(payment, request.now)


@api.post(
    "/payment-events/{provider}",
    roles=ANYONE,
    body=ProviderEvent,
    response=EventTaken,
    refusals=(NotFound, Unauthenticated),
    summary="Tell of a payment",
    description="For the provider of payments alone, which proves itself by its callback token. It may tell twice.",
    tag="Payments",
)
def take_payment_event(request: Request, body: ProviderEvent) -> EventTaken:
    """Settle what a provider says was paid."""
    commands = bootstrap.payment_commands()
    provider = commands.authenticated(request.path("provider"), request.headers)
    received = provider.received(body.said())
    if received is not None:
        logger().append_keys(payment_id=received.payment_id)
        commands.receive(received, now=request.now)
    return {"received": True}


@api.get(
    "/admin/payments",
    roles=ADMINS,
    duties=FINANCE,
    query=PaymentsQuery,
    response=Page[ListedPayment],
    summary="List payments by QRIS, what waits for a person first",
    tag="Administration",
)
def list_payments(request: Request, query: PaymentsQuery) -> Page[ListedPayment]:
    """Return a page of payments, the newest of each state first."""
    cursors, of_list = bootstrap.cursors(), f"payments:{query.status}"
    page = bootstrap.payment_lists().all(
        status=query.status, limit=query.limit, start=cursors.open(of_list, query.cursor, request.now)
    )
    return {
        "items": [listed_payment(payment, request.now) for payment in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


@api.post(
    "/admin/payments/{paymentId}/resolve",
    roles=ADMINS,
    duties=FINANCE,
    body=ResolvePayment,
    response=ResolvedPayment,
    refusals=(NotFound, InvalidTransition),
    summary="Say what becomes of money that settled nothing",
    description="It is applied to what is due of a commission, was sent back, or stays a credit of its therapist.",
    tag="Administration",
)
def resolve_payment(request: Request, body: ResolvePayment) -> ResolvedPayment:
    """Apply, give back or keep what settled nothing."""
    payment_id = request.path("paymentId")
    logger().append_keys(payment_id=payment_id)
    payment = bootstrap.payment_commands().resolve(
        payment_id, body.action, booking_id=body.booking_id, by=request.caller, now=request.now, reason=body.reason
    )
    return {"payment": listed_payment(payment, request.now)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway, or look after payments on schedule."""
    return api.answer(event, context) if "httpMethod" in event else look_after_payments(event, context)


@triggered(Category.PAYMENT)
def look_after_payments(event: Event) -> dict[str, Any]:
    """Ask the provider about payments whose call may have been lost."""
    del event
    return {"found": bootstrap.payment_commands().look_after(utc_now())}
