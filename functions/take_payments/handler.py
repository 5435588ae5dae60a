"""POST /commissions/{bookingId}/payments, GET /payments/{paymentId}, POST /payment-events/{provider}: QRIS."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.payment.requests import ProviderEvent
from marketplace.payment.responses import EventTaken, PaymentView, payment_view
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, ANYONE, FINANCE, THERAPISTS
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


lambda_handler = api.answer
