"""Frames to connected people. A push is a courtesy: what it says is in the tables already."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, final

from botocore.exceptions import BotoCoreError, ClientError

from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, Severity, count, report
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.resilience import error_code, may_pass

_SIDE_BY_SIDE: Final = 8
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

    def push[SocketT: Socket](
        self, frames: Iterable[tuple[SocketT, Mapping[str, Any]]], *, forget: Callable[[SocketT], None]
    ) -> int:
        """Send each frame to its connection and return how many arrived.

        ``forget`` is told of each connection that turns out to be gone. Nothing is raised: whoever
        missed a frame sees the gap in the sequence, or reads the list after reconnecting.
        """
        listed = list(frames)
        if len(listed) <= 1:
            return sum(self._push_one(socket, frame, forget) for socket, frame in listed)
        with ThreadPoolExecutor(max_workers=min(_SIDE_BY_SIDE, len(listed))) as pool:
            return sum(pool.map(lambda pair: self._push_one(pair[0], pair[1], forget), listed))

    def close[SocketT: Socket](self, listed: Iterable[SocketT]) -> int:
        """Close sockets and return how many were still open; the gateway tells of each as a disconnection.

        Raises:
            ServiceUnavailable: one could not be closed; a repeat closes the rest.
        """
        outcomes = [self._close_one(socket) for socket in listed]
        if None in outcomes:
            raise ServiceUnavailable
        return outcomes.count(True)

    def _close_one(self, socket: Socket) -> bool | None:
        """Say whether a socket was open till now; ``None`` if it may still be."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._client.delete_connection(ConnectionId=socket.connection_id)
            except (ClientError, BotoCoreError) as error:
                if isinstance(error, ClientError) and error_code(error) in _GONE:
                    return False
                if attempt == _ATTEMPTS or not may_pass(error):
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
        return None

    def _push_one[SocketT: Socket](
        self, socket: SocketT, frame: Mapping[str, Any], forget: Callable[[SocketT], None]
    ) -> bool:
        written = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
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
            if attempts == _ATTEMPTS or not may_pass(failure):
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
