"""POST /guest-sessions and POST /chat-tickets: the two ways in for somebody who holds nothing yet."""

from typing import Any

from marketplace import bootstrap
from marketplace.identity.requests import NewGuestSession
from marketplace.identity.tickets import ticket_for
from marketplace.identity.tokens import guest_token
from marketplace.platform import identifiers
from marketplace.platform.api.http import Answer, Call, Rest, created
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.request_model import NoBody
from marketplace.platform.clock import utc_now, written
from marketplace.platform.limits import GUEST_SESSIONS
from marketplace.platform.observability import Category, count
from marketplace.platform.signing import pseudonym

rest = Rest(Category.AUTH)


@rest.post("/guest-sessions")
def open_guest_session(call: Call) -> Answer:
    """Make a customer without an account."""
    now, language = utc_now(), call.optional_body(NewGuestSession).language
    address = pseudonym(call.source_network, bootstrap.sealing_key())
    bootstrap.allowances().take(bootstrap.allowance(GUEST_SESSIONS, address, now))
    customer_id = f"c-{identifiers.fresh()}"
    token, until = guest_token(customer_id, language, bootstrap.sealing_key(), now)
    count("GuestSessionsOpened")
    return created({"customerId": customer_id, "token": token, "expiresAt": written(until)})


@rest.post("/chat-tickets")
def issue_chat_ticket(call: Call) -> Answer:
    """Give the caller a ticket for one WebSocket connection."""
    call.optional_body(NoBody)
    return created(ticket_for(call.caller, bootstrap.seal(), utc_now()))


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
