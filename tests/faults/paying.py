"""What a provider of payments tells by its call."""

from tests.events import rest_event
from tests.faults.bystanders import PROVIDER_TOKEN
from tests.faults.market import Market


def told(  # noqa: PLR0913 - what a call says
    market: Market,
    payment_id: str,
    received: str,
    amount: int,
    *,
    status: str = "SUCCEEDED",
    token: str = PROVIDER_TOKEN,
) -> int:
    """Let the provider tell of money that came in; return the status of the answer."""
    paid = {"id": received, "reference_id": payment_id, "amount": amount, "status": status}
    event = rest_event(
        "POST",
        "/payment-events/{provider}",
        by=None,
        path={"provider": "xendit"},
        body={"event": "qr.payment", "data": paid},
        headers={"x-callback-token": token},
    )
    return int(market.invoke("take_payments", event)["statusCode"])
