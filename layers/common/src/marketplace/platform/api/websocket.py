"""The WebSocket door: an event of the gateway to a frame in our words, our frame or refusal back.

Whatever is returned as a body goes to the client that sent the frame, on every route with a route
response. Nothing may be raised: the connection lives on, whatever a client sends.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, final

from msgspec import Struct

from marketplace.chat.frames import Envelope, Frame, parse_frame, read_envelope
from marketplace.identity.caller import caller_in
from marketplace.platform.api.access import FRAME_ROLES
from marketplace.platform.api.frame_limit import FrameLimit
from marketplace.platform.api.invocation import Context
from marketplace.platform.api.problems import INTERNAL_CODE, INTERNAL_DETAIL, STATUSES
from marketplace.platform.api.request_model import Request
from marketplace.platform.caller import Caller
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import (
    Category,
    Severity,
    begin_invocation,
    count_server_error,
    finish_invocation,
    report,
)
from marketplace.platform.refusals import (
    Forbidden,
    PayloadTooLarge,
    Refusal,
    ServiceUnavailable,
    TooManyRequests,
    Unauthenticated,
    UnknownAction,
)
from marketplace.platform.resilience import keep_invocation_deadline
from marketplace.platform.settings import settings
from marketplace.platform.sockets import Sockets, written_frame

FRAME_LIMIT: Final = 32 * 1024
"""Bytes of one frame: browsers send one WebSocket frame a message, and the gateway takes 32 KB a frame."""
MESSAGE_LIMIT: Final = 128 * 1024
"""Bytes that the gateway brings at all: what is longer than a frame is still read for the mark of its answer."""


@final
class Sent[FrameT: Frame](Struct, frozen=True, kw_only=True):
    """A frame that somebody sent over a connection."""

    frame: FrameT
    caller: Caller
    connection_id: str


@final
class Done(Struct, frozen=True, kw_only=True):
    """A thing that is done, and durable: its answer, and how others are told. Neither waits for the other."""

    answer: Mapping[str, Any]
    tell_others: Callable[[], object]


type Outcome = Mapping[str, Any] | Done | None
type FrameEndpoint[FrameT: Frame] = Callable[[Sent[FrameT]], Outcome]


@final
class Frames:
    """What one function does with frames, by their class."""

    def __init__(self, *, check_open: Callable[[Caller, str], None], sockets: Callable[[], Sockets]) -> None:
        """Start without any.

        ``check_open`` refuses a caller who may do nothing over a connection any more; ``sockets`` are those of the
        gateway.
        """
        self._check_open = check_open
        self._sockets = sockets
        self._endpoints: dict[type[Request], FrameEndpoint[Any]] = {}
        self._limit = FrameLimit()

    def on[FrameT: Frame](self, kind: type[FrameT]) -> Callable[[FrameEndpoint[FrameT]], FrameEndpoint[FrameT]]:
        """Register what answers a kind of frame; ``None`` answers nothing."""

        def register(endpoint: FrameEndpoint[FrameT]) -> FrameEndpoint[FrameT]:
            self._endpoints[kind] = endpoint
            return endpoint

        return register

    @property
    def kinds(self) -> frozenset[type[Request]]:
        """Every kind of frame that is registered."""
        return frozenset(self._endpoints)

    def answer(self, event: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Answer one frame; whatever goes wrong becomes an error frame."""
        keep_invocation_deadline(context.get_remaining_time_in_millis())
        connection = event.get("requestContext", {})
        begin_invocation(str(connection.get("requestId") or context.aws_request_id))
        envelope: Envelope | None = None
        try:
            caller, connection_id = caller_in(event), str(connection.get("connectionId"))
            within_limit = self._limit.take(connection_id, settings().rate_limit_scale)
            body = event.get("body") or ""
            envelope = read_envelope(body, limit=MESSAGE_LIMIT)
            if not within_limit:
                raise TooManyRequests(1)  # noqa: TRY301 - every refusal of a frame becomes its answer just below
            if len(body.encode()) > FRAME_LIMIT:
                raise PayloadTooLarge  # noqa: TRY301 - as above
            outcome = self._dispatch(envelope, caller, connection_id)
            answer = self._told(outcome, connection_id, envelope.request_id) if isinstance(outcome, Done) else outcome
        except Refusal as refusal:
            if STATUSES[type(refusal)] >= HTTPStatus.INTERNAL_SERVER_ERROR:
                count_server_error()
            answer = {"type": "error", "code": refusal.code, "detail": refusal.detail, **refusal.extensions}
        except Exception as error:  # noqa: BLE001 - the last line before the gateway: nothing may escape
            report("frame failed", category=Category.CHAT, severity=Severity.ERROR, code="internal_error", error=error)
            count_server_error()
            answer = {"type": "error", "code": INTERNAL_CODE, "detail": INTERNAL_DETAIL}
        finally:
            finish_invocation()
        return _written(answer, envelope.request_id if envelope else None)

    def _dispatch(self, envelope: Envelope, caller: Caller, connection_id: str) -> Outcome:
        frame = parse_frame(envelope)
        if caller.role not in FRAME_ROLES[str(envelope.action)]:
            raise Forbidden
        endpoint = self._endpoints.get(type(frame))
        if endpoint is None:
            raise UnknownAction
        self._judge(caller, connection_id, envelope.request_id)
        return endpoint(Sent(frame=frame, caller=caller, connection_id=connection_id))

    def _judge(self, caller: Caller, connection_id: str, request_id: str | None) -> None:
        """Let a caller do something over a connection, or close it.

        Raises:
            Unauthenticated: it should not be open; it is closed.
        """
        try:
            self._check_open(caller, connection_id)
        except Unauthenticated:
            self._close(connection_id, request_id)
            raise

    def _close(self, connection_id: str, request_id: str | None) -> None:
        refusal = Unauthenticated()
        frame = {"type": "error", "requestId": request_id, "code": refusal.code, "detail": refusal.detail}
        self._sockets().answer(connection_id, frame)()
        with suppress(ServiceUnavailable):  # it can do nothing, and is heard again with its next frame
            self._sockets().close([_Opened(connection_id, utc_now())])

    def _told(self, done: Done, connection_id: str, request_id: str | None) -> Mapping[str, Any] | None:
        """Answer over the socket itself and tell others side by side; return the answer if it has not arrived so."""
        has_arrived = self._sockets().answer(connection_id, _marked(done.answer, request_id))
        try:
            done.tell_others()
        finally:
            arrived = has_arrived()
        return None if arrived else done.answer


@final
class _Opened(Struct, frozen=True):
    """A connection of which only its id is known, and that it may be just opening."""

    connection_id: str
    connected_at: datetime


def _written(answer: Mapping[str, Any] | None, request_id: str | None) -> dict[str, Any]:
    if answer is None:
        return {"statusCode": 200}
    return {"statusCode": 200, "body": written_frame(_marked(answer, request_id)).decode()}


def _marked(answer: Mapping[str, Any], request_id: str | None) -> Mapping[str, Any]:
    return answer if request_id is None and answer["type"] != "error" else {**answer, "requestId": request_id}


def connection_event(
    take: Callable[[Mapping[str, Any]], None], event: Mapping[str, Any], context: Context
) -> dict[str, Any]:
    """Let ``take`` deal with a connection that opens or closes, and tell the gateway whether it may.

    A connection that cannot be noted down is refused, for nothing could be pushed to it.
    """
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(str(event.get("requestContext", {}).get("requestId") or context.aws_request_id))
    status = HTTPStatus.OK
    try:
        take(event)
    except Refusal as refusal:
        status = STATUSES[type(refusal)]
    except Exception as error:  # noqa: BLE001 - the last line before the gateway: nothing may escape
        report("connection failed", category=Category.CHAT, severity=Severity.ERROR, code="internal_error", error=error)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
    finally:
        finish_invocation()
    return {"statusCode": status.value}
