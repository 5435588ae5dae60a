"""Frames to connected people. A push is a courtesy: what it says is in the tables already.

Each frame goes out by itself, side by side with the others: whoever pushes waits for those that take it promptly,
and for the others no longer than :data:`PATIENCE_SECONDS`. A socket that let somebody wait is then served in a line
of its own, for which nobody waits, until it is prompt again.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, final

from botocore.exceptions import BotoCoreError, ClientError

from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.resilience import error_code, is_transient
from marketplace.platform.runtime.observability import Category, Severity, count, report

PATIENCE_SECONDS: Final = 0.3
"""What a push waits in all for sockets that do not take their frames."""
SIDE_BY_SIDE: Final = 32
"""Frames on their way at once: every socket of both parties, and some admins'."""
_SLOW_SIDE_BY_SIDE: Final = 8
_SLOW_FOR_SECONDS: Final = 60.0
_MOST_SLOW_PUSHES: Final = 512
"""How many frames may wait for slow sockets; whoever misses one sees the gap in the sequence."""
_ATTEMPTS: Final = 2
_OPENING: Final = timedelta(seconds=5)
"""How old a socket may be whose $connect is perhaps not through yet."""
_OPENING_PAUSES: Final = (0.1, 0.3)
"""Seconds to wait for it."""
_GONE: Final = frozenset({"GoneException", "410"})


class Socket(Protocol):
    """What a push needs to know of a connection."""

    @property
    def connection_id(self) -> str:
        """The gateway's id of the connection."""
        ...

    @property
    def connected_at(self) -> datetime:
        """When it was opened."""
        ...


class ManagementClient(Protocol):
    """The operations of the gateway's management API that are used here."""

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> object:  # noqa: N803 - botocore's names
        """Send data to a connection."""
        ...

    def delete_connection(self, *, ConnectionId: str) -> object:  # noqa: N803 - botocore's names
        """Close a connection."""
        ...


@final
class Sockets:
    """The open sockets of the gateway."""

    def __init__(self, client: ManagementClient) -> None:
        """Push through the gateway's management client.

        No breaker stands here: it would hold its lock through a whole fan-out, and nobody waits for a push.
        """
        self._client = client
        self._prompt = ThreadPoolExecutor(max_workers=SIDE_BY_SIDE, thread_name_prefix="push")
        self._slow = ThreadPoolExecutor(max_workers=_SLOW_SIDE_BY_SIDE, thread_name_prefix="slow-push")
        self._slow_until: dict[str, float] = {}
        self._slow_pushes: set[Future[bool]] = set()

    def push[SocketT: Socket](
        self, frames: Iterable[tuple[SocketT, Mapping[str, Any]]], *, forget: Callable[[SocketT], None]
    ) -> int:
        """Send each frame to its connection and return how many arrived in time.

        ``forget`` is told of each connection that turns out to be gone. Nothing is raised: whoever
        missed a frame sees the gap in the sequence, or reads the list after reconnecting.
        """
        awaited: dict[Future[bool], str] = {}
        for socket, frame in list(frames):
            if self._is_slow(socket.connection_id):
                self._push_slowly(socket, frame, forget)
            else:
                pushing = self._prompt.submit(copy_context().run, self._push_one, socket, frame, forget)
                awaited[pushing] = socket.connection_id
        arrived, late = wait(awaited, timeout=PATIENCE_SECONDS)
        for pushing in late:
            if pushing.running():  # one that has not begun waits for others' sockets, not for its own
                self._slow_until[awaited[pushing]] = time.monotonic() + _SLOW_FOR_SECONDS
        if late:
            count("PushesLate", len(late))
        return sum(pushing.result() for pushing in arrived)

    def answer(self, connection_id: str, frame: Mapping[str, Any]) -> Callable[[], bool]:
        """Begin to send a frame to the connection that has just asked; what is returned says whether it has arrived.

        It waits for that no longer than a push does.
        """
        sending = self._prompt.submit(copy_context().run, self._send, connection_id, written_frame(frame))

        def has_arrived() -> bool:
            done, _ = wait([sending], timeout=PATIENCE_SECONDS)
            return bool(done) and sending.result()

        return has_arrived

    def _send(self, connection_id: str, written: bytes) -> bool:
        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=written)
        except (ClientError, BotoCoreError):
            return False  # then the gateway takes the answer the usual way
        return True

    def _is_slow(self, connection_id: str) -> bool:
        until = self._slow_until.get(connection_id)
        if until is None or time.monotonic() < until:
            return until is not None
        self._slow_until.pop(connection_id, None)
        return False

    def _push_slowly[SocketT: Socket](
        self, socket: SocketT, frame: Mapping[str, Any], forget: Callable[[SocketT], None]
    ) -> None:
        if len(self._slow_pushes) >= _MOST_SLOW_PUSHES:
            count("PushesFailed")
            return
        pushing = self._slow.submit(copy_context().run, self._push_one, socket, frame, forget)
        self._slow_pushes.add(pushing)
        pushing.add_done_callback(self._slow_pushes.discard)

    def close[SocketT: Socket](self, listed: Iterable[SocketT]) -> int:
        """Close sockets and return how many were still open; the gateway tells of each as a disconnection.

        Raises:
            ServiceUnavailable: one could not be closed; a repeat closes the rest.
        """
        closing = [self._prompt.submit(copy_context().run, self._close_one, socket) for socket in listed]
        outcomes = [each.result() for each in closing]
        if None in outcomes:
            raise ServiceUnavailable
        return outcomes.count(True)

    def _close_one(self, socket: Socket) -> bool | None:
        """Say whether a socket was open till now; ``None`` if it may still be."""
        pauses = iter(_OPENING_PAUSES if utc_now() - socket.connected_at < _OPENING else ())
        attempts = 0
        while True:
            try:
                self._client.delete_connection(ConnectionId=socket.connection_id)
            except (ClientError, BotoCoreError) as error:
                if isinstance(error, ClientError) and error_code(error) in _GONE:
                    pause = next(pauses, None)
                    if pause is None:
                        return False
                    # As with a push: one that is just opening is called gone, and would open all the same.
                    time.sleep(pause)
                    continue
                attempts += 1
                if attempts == _ATTEMPTS or not is_transient(error):
                    report(
                        "socket not closed",
                        category=Category.AUTH,
                        severity=Severity.ERROR,
                        code="socket_not_closed",
                        error=error,
                        connection_id=socket.connection_id,
                    )
                    return None
            else:
                return True

    def _push_one[SocketT: Socket](
        self, socket: SocketT, frame: Mapping[str, Any], forget: Callable[[SocketT], None]
    ) -> bool:
        written = written_frame(frame)
        pauses = iter(_OPENING_PAUSES if utc_now() - socket.connected_at < _OPENING else ())
        attempts = 0
        while True:
            try:
                self._client.post_to_connection(ConnectionId=socket.connection_id, Data=written)
            except ClientError as error:
                if error_code(error) in _GONE:
                    pause = next(pauses, None)
                    if pause is None:
                        forget(socket)
                        return False
                    # The gateway calls a socket gone until its $connect is through, and its row is older than that.
                    time.sleep(pause)
                    continue
                failure: Exception = error
            except BotoCoreError as error:
                failure = error
            else:
                return True
            attempts += 1
            if attempts == _ATTEMPTS or not is_transient(failure):
                count("PushesFailed")
                report(
                    "push failed",
                    category=Category.CHAT,
                    severity=Severity.WARNING,
                    code="push_failed",
                    error=failure,
                    connection_id=socket.connection_id,
                )
                return False


def written_frame(frame: Mapping[str, Any]) -> bytes:
    """Return a frame as it goes over the wire."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
