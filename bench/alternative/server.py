"""The server that many would build instead: FastAPI on PostgreSQL, with our rules, requests and answers.

    DATABASE=postgresql:///marketplace TOKEN_KEY=… uvicorn bench.alternative.server:app

Only what is asked of AWS is replaced: tokens are checked here, one transaction of PostgreSQL stands for one of
DynamoDB, and a constraint instead of day sheets keeps a therapist from being booked twice. Hotels, discount codes,
files, admins, pushes and rate limits are left out, which spares this side a little.
"""

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Final, NoReturn

import asyncpg
import jwt
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic_core import to_json

from bench.alternative.postgres import Desk, keep, prepare
from marketplace.booking.opening import Order, open_booking
from marketplace.booking.orders import order_of
from marketplace.booking.requests.new_booking import NewBooking
from marketplace.booking.responses.booking import booking_view, warnings_view
from marketplace.catalogue.policy.model import Policy
from marketplace.chat.attachments.model import no_such_attachment
from marketplace.chat.message import Draft, MessageType
from marketplace.chat.requests import NewMessage
from marketplace.chat.responses import message_view, room_view
from marketplace.platform import identifiers
from marketplace.platform.api.problems import STATUSES, problem
from marketplace.platform.api.text import LONGEST_PAGE, idempotency_key
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.language import Language
from marketplace.platform.refusals import QuoteStale, Refusal, Unauthenticated

POLICY: Final = Policy()
CONNECTIONS: Final = 10
_TICKET_GOOD_FOR: Final = timedelta(seconds=30)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(
        os.environ["DATABASE"], min_size=CONNECTIONS, max_size=CONNECTIONS, init=prepare, reset=keep
    ) as pool:
        app.state.desk = Desk(pool)
        yield


app = FastAPI(lifespan=_lifespan, openapi_url=None)


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _caller(given: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]) -> Caller:
    try:
        claims = jwt.decode(given.credentials if given else "", os.environ["TOKEN_KEY"], algorithms=["HS256"])
        return Caller(user_id=claims["sub"], role=Role(claims["role"]), language=Language.ENGLISH)
    except (jwt.InvalidTokenError, KeyError, ValueError):
        raise Unauthenticated from None


type TheDesk = Annotated[Desk, Depends(_desk)]
type TheCaller = Annotated[Caller, Depends(_caller)]


def order_in(asked: NewBooking, now: datetime) -> Order:
    """Return what a request orders; there are no quotes here, so none is good."""

    def no_seal() -> NoReturn:
        raise QuoteStale

    return order_of(asked, no_seal, now)


@app.exception_handler(Refusal)
async def refused(_: Request, refusal: Exception) -> Response:
    """Answer a refusal with its problem document."""
    if not isinstance(refusal, Refusal):
        raise refusal
    return _json(problem(refusal, identifiers.fresh()), STATUSES[type(refusal)])


@app.post("/bookings")
async def create_booking(
    asked: NewBooking,
    desk: TheDesk,
    caller: TheCaller,
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> Response:
    """Open a booking, or find the one that the same key has opened before."""
    now = utc_now()
    order = order_in(asked, now)
    booking_id = identifiers.booking_id(caller.user_id, idempotency_key(key))
    booking, room, messages = await desk.open(
        order,
        now=now,
        booking_id=booking_id,
        request_hash=hashlib.sha256(asked.model_dump_json().encode()).hexdigest(),
        decide=lambda circumstances: open_booking(
            order, by=caller, circumstances=circumstances, now=now, policy=POLICY, limit_scale=1, booking_id=booking_id
        ),
    )
    view = partial(message_view, room=room, reader=caller.role, language=caller.language, reveals=True)
    ticket = {"sub": caller.user_id, "role": caller.role.value, "exp": now + _TICKET_GOOD_FOR}
    return _json(
        {
            "booking": booking_view(booking, caller.role, now),
            "room": room_view(room, booking, caller, now, epoch="1"),
            "messages": [view(message) for message in messages],
            "warnings": warnings_view(booking, caller.language),
            "chatTicket": jwt.encode(ticket, os.environ["TOKEN_KEY"], algorithm="HS256"),
        },
        201,
    )


@app.post("/rooms/{conversation_id}/messages")
async def send_message(conversation_id: str, asked: NewMessage, desk: TheDesk, caller: TheCaller) -> Response:
    """Send a message, durable before the ack."""
    if asked.attachment_id is not None:
        raise no_such_attachment()
    draft = Draft(
        client_message_id=asked.client_message_id,
        message=asked.message,
        message_type=MessageType(asked.message_type),
        metadata=asked.metadata or {},
        location=asked.location.model_dump(mode="json", by_alias=True) if asked.location else None,
    )
    sequence, at = await desk.send(conversation_id, draft, by=caller, now=utc_now())
    ack = {"type": "ack", "clientMessageId": asked.client_message_id, "sequence": sequence, "timestamp": format_utc(at)}
    return _json(ack, 201)


@app.get("/rooms/{conversation_id}/messages")
async def list_messages(
    conversation_id: str,
    desk: TheDesk,
    caller: TheCaller,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = LONGEST_PAGE,
) -> Response:
    """Return a page of messages, walking back."""
    room, role, reveals = await desk.room(conversation_id, caller)
    messages, has_more = await desk.messages(conversation_id, before=before, limit=limit)
    return _json(
        {
            "items": [message_view(each, room, role, caller.language, reveals=reveals) for each in messages],
            "nextCursor": str(messages[0].sequence) if has_more else None,
            "hasMore": has_more,
        }
    )


def _json(body: object, status: int = 200) -> Response:
    return Response(to_json(body), status, media_type="application/json")
