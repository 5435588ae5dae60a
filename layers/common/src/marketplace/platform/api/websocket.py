"""The WebSocket: an event of the gateway to a frame in our words, our frame or refusal back.

Whatever is returned as a body goes to the client that sent the frame, on every route with a route
response. Nothing may be raised: the connection lives on, whatever a client sends.

A frame is read in two steps: :func:`read_envelope` finds out what it wants and how its answer must be marked, and the
rest is judged after that, so that a refusal can still bear the frame's ``requestId``.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, Required, TypedDict, Unpack, final, overload

from msgspec import Struct
from pydantic_core import PydanticCustomError

from marketplace.platform.api.frame_limit import FrameLimit
from marketplace.platform.api.invocation import Context, Event, invocation
from marketplace.platform.api.problems import INTERNAL_CODE, INTERNAL_DETAIL, STATUSES
from marketplace.platform.api.request_model import RequestModel, parse
from marketplace.platform.api.strict_json import BODY_LIMIT, parse_json
from marketplace.platform.api.text import Text
from marketplace.platform.aws.sockets import Sockets, written_frame
from marketplace.platform.caller import Caller, Duty, Role, caller_in
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import (
    FieldError,
    Forbidden,
    MfaRequired,
    PayloadTooLarge,
    Refusal,
    ServiceUnavailable,
    TooManyRequests,
    Unauthenticated,
    UnknownAction,
    ValidationFailed,
)
from marketplace.platform.runtime.observability import Category, Severity, count_server_error, report
from marketplace.platform.settings import settings

FRAME_LIMIT: Final = 32 * 1024
"""Bytes of one frame: browsers send one WebSocket frame a message, and the gateway takes 32 KB a frame."""
MESSAGE_LIMIT: Final = 128 * 1024
"""Bytes that the gateway brings at all: what is longer than a frame is still read for the mark of its answer."""


_REQUEST_ID: Final = Text(1, 128)


@final
class Sent[FrameT: RequestModel](Struct, frozen=True, kw_only=True):
    """A frame that somebody sent over a connection."""

    frame: FrameT
    caller: Caller
    connection_id: str


@final
class Done[AnswerT](Struct, frozen=True, kw_only=True):
    """A thing that is done, and durable: its answer, and how others are told. Neither waits for the other."""

    answer: AnswerT
    tell_others: Callable[[], object]


class FrameDeclaration(TypedDict, total=False):
    """What a frame says of itself beside its action, its model and its answer."""

    roles: Required[frozenset[Role]]
    """Who may ever send it; whose room it is, the domain decides (else ``not_found``)."""
    duties: frozenset[Duty]
    """Which admins may; none named: all of them. Owners always may."""
    summary: Required[str]
    """One line in the imperative."""
    refusals: tuple[type[Refusal], ...]
    """Those that any frame may meet are not named again."""


@final
class FrameRoute(Struct, frozen=True, kw_only=True):
    """One action that a frame may name, as its function declares it."""

    action: str
    model: type[RequestModel]
    response: Any
    """The type of the frame that answers; ``None`` if none does."""
    endpoint: Callable[[Sent[Any]], "Outcome"]
    roles: frozenset[Role]
    summary: str
    duties: frozenset[Duty] = frozenset()
    """Which admins may send it; none named: all of them."""
    refusals: tuple[type[Refusal], ...] = ()


type Answering[FrameT: RequestModel, ResponseT] = Callable[[Sent[FrameT]], ResponseT | Done[ResponseT]]
type Outcome = Mapping[str, object] | Done[Mapping[str, object]] | None


@final
class Frames:
    """What one function does with frames, by their action."""

    def __init__(
        self, category: Category, *, check_open: Callable[[Caller, str], None], sockets: Callable[[], Sockets]
    ) -> None:
        """Blame failures on ``category``.

        ``check_open`` refuses a caller who may do nothing over a connection any more; ``sockets`` are those of the
        gateway.
        """
        self.category = category
        self._check_open = check_open
        self._sockets = sockets
        self._routes: dict[str, FrameRoute] = {}
        self._limit = FrameLimit()

    @overload
    def on[FrameT: RequestModel](
        self, action: str, model: type[FrameT], *, response: None, **words: Unpack[FrameDeclaration]
    ) -> Callable[[Answering[FrameT, None]], Answering[FrameT, None]]: ...

    @overload
    def on[FrameT: RequestModel, ResponseT](
        self, action: str, model: type[FrameT], *, response: type[ResponseT], **words: Unpack[FrameDeclaration]
    ) -> Callable[[Answering[FrameT, ResponseT]], Answering[FrameT, ResponseT]]: ...

    def on(
        self,
        action: str,
        model: type[RequestModel],
        *,
        response: Any,
        **words: Unpack[FrameDeclaration],
    ) -> Callable[..., Any]:
        """Declare what answers the frames that name ``action``; without ``response`` nothing is sent back."""

        def declare[EndpointT: Callable[..., Any]](endpoint: EndpointT) -> EndpointT:
            self._routes[action] = FrameRoute(action=action, model=model, response=response, endpoint=endpoint, **words)
            return endpoint

        return declare

    @property
    def routes(self) -> tuple[FrameRoute, ...]:
        """Every frame that is declared."""
        return tuple(self._routes.values())

    def answer(self, event: Event, context: Context) -> dict[str, Any]:
        """Answer one frame; whatever goes wrong becomes an error frame."""
        connection = event.get("requestContext", {})
        envelope: Envelope | None = None
        answer: Mapping[str, object] | None
        with invocation(event, context):
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
                if isinstance(outcome, Done):
                    answer = self._told(outcome, connection_id, envelope.request_id)
                else:
                    answer = outcome
            except Refusal as refusal:
                if STATUSES[type(refusal)] >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    count_server_error()
                answer = {"type": "error", "code": refusal.code, "detail": refusal.detail, **refusal.extensions}
            except Exception as error:  # noqa: BLE001 - the last line before the gateway: nothing may escape
                report(
                    "frame failed", category=self.category, severity=Severity.ERROR, code="internal_error", error=error
                )
                count_server_error()
                answer = {"type": "error", "code": INTERNAL_CODE, "detail": INTERNAL_DETAIL}
        return _written(answer, envelope.request_id if envelope else None)

    def connection_event(self, work: Callable[[Event], None], event: Event, context: Context) -> dict[str, Any]:
        """Let ``work`` deal with a connection that opens or closes, and tell the gateway whether it may.

        A connection that cannot be noted down is refused, for nothing could be pushed to it.
        """
        status = HTTPStatus.OK
        with invocation(event, context):
            try:
                work(event)
            except Refusal as refusal:
                status = STATUSES[type(refusal)]
            except Exception as error:  # noqa: BLE001 - the last line before the gateway: nothing may escape
                report(
                    "connection failed",
                    category=self.category,
                    severity=Severity.ERROR,
                    code="internal_error",
                    error=error,
                )
                status = HTTPStatus.INTERNAL_SERVER_ERROR
        return {"statusCode": status.value}

    def _dispatch(self, envelope: "Envelope", caller: Caller, connection_id: str) -> Outcome:
        route, frame = parse_frame(envelope, self._routes)
        if caller.lacks_second_factor:
            raise MfaRequired
        if not caller.may_call(route.roles, route.duties):
            raise Forbidden
        self._judge(caller, connection_id, envelope.request_id)
        return route.endpoint(Sent(frame=frame, caller=caller, connection_id=connection_id))

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

    def _told(
        self, done: Done[Mapping[str, object]], connection_id: str, request_id: str | None
    ) -> Mapping[str, object] | None:
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


def _written(answer: Mapping[str, object] | None, request_id: str | None) -> dict[str, Any]:
    if answer is None:
        return {"statusCode": 200}
    return {"statusCode": 200, "body": written_frame(_marked(answer, request_id)).decode()}


def _marked(answer: Mapping[str, object], request_id: str | None) -> Mapping[str, object]:
    return answer if request_id is None and answer["type"] != "error" else {**answer, "requestId": request_id}


@final
class Envelope(Struct, frozen=True, kw_only=True):
    """A frame that is JSON: what it wants, and the mark that its answer must bear."""

    action: object
    """The action as sent, of any type; :func:`parse_frame` judges it."""
    request_id: str | None
    """Exactly as the client wrote it; ``None`` if there was none that an answer could bear."""
    fields: Mapping[str, object]
    """Everything else, and an unusable ``requestId``."""


def read_envelope(raw: str | bytes | None, *, limit: int = BODY_LIMIT) -> Envelope:
    """Return what the frame wants.

    Raises:
        PayloadTooLarge: the frame is over the limit.
        MalformedJson: it is not a JSON object.
    """
    fields = parse_json(raw or b"", limit=limit)
    action = fields.pop("action", None)
    given = fields.get("requestId")
    request_id = given if isinstance(given, str) and _may_be_echoed(given) else None
    if request_id is not None:
        del fields["requestId"]
    return Envelope(action=action, request_id=request_id, fields=fields)


def parse_frame(envelope: Envelope, routes: Mapping[str, FrameRoute]) -> tuple[FrameRoute, RequestModel]:
    """Return the route that the frame's action names, and the frame as its model says.

    Raises:
        UnknownAction: there is no such action.
        ValidationFailed: no action is given, or a field breaks a rule.
    """
    if not isinstance(envelope.action, str):
        raise ValidationFailed((FieldError("action", "This must be the name of an action."),))
    route = routes.get(envelope.action)
    if route is None:
        raise UnknownAction
    if "requestId" in envelope.fields:
        raise ValidationFailed((FieldError("requestId", "This must be text of 1 to 128 characters."),))
    return route, parse(route.model, dict(envelope.fields))


def _may_be_echoed(request_id: str) -> bool:
    if len(request_id) > _REQUEST_ID.longest:
        return False
    try:
        _REQUEST_ID.check(request_id)
    except PydanticCustomError:
        return False
    return True
