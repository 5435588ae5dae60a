"""The ways in for somebody who holds nothing yet: a guest session, a code for a number, a ticket for the chat."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.identity.requests import CodeCheck, NewCode, NewGuestSession
from marketplace.identity.responses import ChatTicket, GuestSession, SentCodeView, VerifiedSession
from marketplace.identity.tickets import ticket_for
from marketplace.identity.tokens import guest_token, is_guest_token, until_of
from marketplace.notification.channels.push_keys import public_key_of
from marketplace.notification.contact_responses import PushKey
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ANYONE, CUSTOMERS, SIGNED_IN, Caller
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.language import Language
from marketplace.platform.limits import (
    CHAT_TICKETS,
    CODES_OF_CALLER,
    CODES_OF_NUMBER,
    GUEST_SESSIONS,
    GUEST_SESSIONS_OF_CALLER,
)
from marketplace.platform.refusals import Forbidden, TooManyRequests, Unauthenticated
from marketplace.platform.runtime.observability import Category, count
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
    return {"customerId": customer_id, "token": token, "expiresAt": format_utc(until)}


@api.post(
    "/guest-sessions/codes",
    roles=ANYONE,
    body=NewCode,
    response=SentCodeView,
    status=HTTPStatus.CREATED,
    refusals=(Unauthenticated, Forbidden, TooManyRequests),
    summary="Have a code sent to a WhatsApp number",
    description=(
        "Six digits by WhatsApp, by SMS if that fails; they count for five minutes, five tries, and until the next "
        "code of the number. A customer's token may come along, and none need to."
    ),
)
def send_code(request: Request, body: NewCode) -> SentCodeView:
    """Have a code sent."""
    now, caller = request.now, _customer(request)[0]
    source = caller.user_id if caller else pseudonym(request.source_browser, bootstrap.sealing_key())
    until = bootstrap.guest_codes().send(
        body.whats_app,
        by=caller,
        allowances=(
            bootstrap.allowance(CODES_OF_CALLER, source, now),
            bootstrap.allowance(CODES_OF_NUMBER, body.whats_app, now),
        ),
        now=now,
    )
    count("CodesAskedFor")
    return {"expiresAt": format_utc(until)}


@api.post(
    "/guest-sessions/verify",
    roles=ANYONE,
    body=CodeCheck,
    response=VerifiedSession,
    refusals=(Unauthenticated, Forbidden),
    summary="Verify a WhatsApp number by its code",
    description=(
        "Whoever verified the number before is who they were then, bookings and chats included; a new number keeps "
        "the caller's id, or gets a new one without a token. An account stays itself and keeps its token."
    ),
)
def verify_number(request: Request, body: CodeCheck) -> VerifiedSession:
    """Verify a number, and answer with the token of whose it is."""
    caller, token = _customer(request)
    is_account = caller is not None and not is_guest_token(token)
    verified = bootstrap.guest_codes().verify(
        body.whats_app, body.code, by=caller, is_account=is_account, now=request.now
    )
    until = until_of(token) if is_account else None
    if until is None:
        language = caller.language if caller else Language.ENGLISH
        token, until = guest_token(verified.customer_id, language, bootstrap.sealing_key(), request.now)
    count("NumbersVerified")
    return {
        "customerId": verified.customer_id,
        "token": token,
        "expiresAt": format_utc(until),
        "whatsApp": body.whats_app,
    }


def _customer(request: Request) -> tuple[Caller | None, str]:
    """Return the customer whose token came along, and that token; nobody where none did.

    Raises:
        Unauthenticated: the token does not hold, or has been signed out.
        Forbidden: it is not a customer's.
    """
    given = request.headers.get("authorization")
    if given is None:
        return None, ""
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    caller = bootstrap.token_reader().read(token.strip())
    bootstrap.sign_outs().check_counts(caller)
    if caller.role not in CUSTOMERS:
        raise Forbidden
    return caller, token.strip()


@api.get(
    "/push-key",
    roles=ANYONE,
    response=PushKey,
    summary="Get the key for push subscriptions",
    tag="Notifications",
)
def read_push_key(request: Request) -> PushKey:
    """Return the public half of the key by which push services know us."""
    del request
    return {"publicKey": public_key_of(bootstrap.push_key())}


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
