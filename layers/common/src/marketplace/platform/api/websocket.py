"""The WebSocket door: an event of the gateway to a frame in our words, our frame or refusal back.

Whatever is returned as a body goes to the client that sent the frame, on every route with a route
response. Nothing may be raised: the connection lives on, whatever a client sends.
"""

import json
from collections.abc import Callable, Mapping
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
from marketplace.platform.observability import (
    Category,
    Severity,
    begin_invocation,
    count_server_error,
    finish_invocation,
    report,
)
from marketplace.platform.refusals import Forbidden, PayloadTooLarge, Refusal, TooManyRequests, UnknownAction
from marketplace.platform.resilience import keep_invocation_deadline
from marketplace.platform.settings import settings

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


type FrameEndpoint[FrameT: Frame] = Callable[[Sent[FrameT]], Mapping[str, Any] | None]


@final
class Frames:
    """What one function does with frames, by their class."""

    def __init__(self) -> None:
        """Start without any."""
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
            answer = self._dispatch(envelope, caller, connection_id)
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

    def _dispatch(self, envelope: Envelope, caller: Caller, connection_id: str) -> Mapping[str, Any] | None:
        frame = parse_frame(envelope)
        if caller.role not in FRAME_ROLES[str(envelope.action)]:
            raise Forbidden
        endpoint = self._endpoints.get(type(frame))
        if endpoint is None:
            raise UnknownAction
        return endpoint(Sent(frame=frame, caller=caller, connection_id=connection_id))


def _written(answer: Mapping[str, Any] | None, request_id: str | None) -> dict[str, Any]:
    if answer is None:
        return {"statusCode": 200}
    marked = dict(answer) if request_id is None and answer["type"] != "error" else {**answer, "requestId": request_id}
    return {"statusCode": 200, "body": json.dumps(marked, ensure_ascii=False, separators=(",", ":"))}


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
