"""POST /guest-sessions and POST /chat-tickets: the two ways in for somebody who holds nothing yet."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.identity.requests import NewGuestSession
from marketplace.identity.responses import ChatTicket, GuestSession
from marketplace.identity.tickets import ticket_for
from marketplace.identity.tokens import guest_token
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ANYONE, SIGNED_IN
from marketplace.platform.clock import utc_now, written
from marketplace.platform.limits import CHAT_TICKETS, GUEST_SESSIONS, GUEST_SESSIONS_OF_CALLER
from marketplace.platform.observability import Category, count
from marketplace.platform.signing import pseudonym

api = Api(Category.AUTH, tag="Sessions")


@api.post(
    "/guest-sessions",
    roles=ANYONE,
    body=NewGuestSession,
    response=GuestSession,
    status=HTTPStatus.CREATED,
    summary="Become a customer without an account",
)
def open_guest_session(request: Request, body: NewGuestSession) -> GuestSession:
    """Make a customer without an account."""
    now, language = request.now, body.language
    for limit, source in (
        (GUEST_SESSIONS_OF_CALLER, request.source_browser),
        (GUEST_SESSIONS, request.source_network),
    ):
        bootstrap.allowances().take(bootstrap.allowance(limit, pseudonym(source, bootstrap.sealing_key()), now))
    customer_id = f"c-{identifiers.fresh()}"
    token, until = guest_token(customer_id, language, bootstrap.sealing_key(), now)
    count("GuestSessionsOpened")
    return {"customerId": customer_id, "token": token, "expiresAt": written(until)}


@api.post(
    "/chat-tickets",
    roles=SIGNED_IN,
    response=ChatTicket,
    status=HTTPStatus.CREATED,
    summary="Get a ticket that opens one WebSocket connection",
    description="The ticket works once and for 30 seconds: connect with `?ticket=…`.",
)
def issue_chat_ticket(request: Request) -> ChatTicket:
    """Give the caller a ticket for one WebSocket connection."""
    now, caller = utc_now(), request.caller
    bootstrap.allowances().take(bootstrap.allowance(CHAT_TICKETS, caller.user_id, now))
    return ticket_for(caller, bootstrap.seal(), now)


lambda_handler = api.answer
