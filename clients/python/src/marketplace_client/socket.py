"""The WebSocket: one user's live connection, which comes back by itself and loses nothing.

A message stays in the outbox until it is acknowledged, and is sent again over every new connection under the same
``clientMessageId``, so it arrives once. In a followed room, messages come out in ascending ``sequence`` without a gap:
whatever a lost connection has missed is fetched first.
"""

import asyncio
import contextlib
import json
import random
import uuid
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Self, cast
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from marketplace_client.calls import Problem
from marketplace_client.types import (
    BookingChanged,
    GivenLocation,
    MessageAck,
    MessageEvent,
    NotificationEvent,
    ReadEvent,
    TypingEvent,
)

type Event = MessageEvent | ReadEvent | TypingEvent | BookingChanged | NotificationEvent

_ANSWER_SECONDS: Final = 20.0
_PING_EVERY_SECONDS: Final = 240.0
_FIRST_DELAY_SECONDS: Final = 0.5
_LONGEST_DELAY_SECONDS: Final = 20.0
_PASSING: Final = frozenset({"internal_error", "service_unavailable", "too_many_requests"})


class FrameRefused(Exception):  # noqa: N818 - it names a fact
    """The server refused a frame; ``code`` says why, as for ``Problem``."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class ConnectionLost(Exception):  # noqa: N818 - it names a fact
    """Nobody answered: the frame may or may not have had its effect."""


class _Moved(Exception):  # noqa: N818 - the server asks for a new connection
    pass


class _Outgoing:
    """A message that is not acknowledged yet."""

    def __init__(self, frame: dict[str, Any]) -> None:
        self.frame = frame
        self.acknowledged: asyncio.Future[MessageAck] = asyncio.get_running_loop().create_future()


class ChatSocket:
    """A connection for as long as the ``async with`` block lasts.

    Args:
        url: the stack's output ``WebSocketUrl``.
        open_ticket: gives a ticket for one connection, such as ``lambda: client.issue_chat_ticket()``.
        ticket: one that is at hand already, from ``POST /bookings``.
    """

    def __init__(self, url: str, open_ticket: Callable[[], Awaitable[Any]], *, ticket: str | None = None) -> None:
        self._url = url
        self._open_ticket = open_ticket
        self._ticket = ticket
        self._connection: ClientConnection | None = None
        self._opened = asyncio.Event()
        self._work = asyncio.Event()
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._outbox: deque[_Outgoing] = deque()
        self._last: dict[str, int] = {}
        self._behind: set[str] = set()
        self._requests = 0
        self._stood = False
        self._ended = False
        self._failure: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to connect, without waiting for it."""
        self._task = asyncio.create_task(self._stay_connected())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection; what was not acknowledged is given up."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    # ---- What a user does --------------------------------------------------------------------------------------------

    def follow(self, conversation_id: str, *, after: int) -> None:
        """Have every message of a room that follows the sequence ``after`` among the events, in order."""
        self._last[conversation_id] = after
        self._behind.add(conversation_id)
        self._work.set()

    async def events(self) -> AsyncIterator[Event]:
        """Yield what happens, for as long as the connection is wanted.

        Raises:
            Problem: no ticket is to be had, because the caller is signed out, say.
        """
        while (event := await self._events.get()) is not None:
            yield event
        if self._failure:
            raise self._failure

    async def send_message(
        self,
        conversation_id: str,
        message: str,
        *,
        client_message_id: str | None = None,
        attachment_id: str | None = None,
        location: GivenLocation | None = None,
    ) -> MessageAck:
        """Send a message and wait until it is durable, over as many connections as that takes.

        Raises:
            FrameRefused: the message breaks a rule, or the room takes none.
        """
        frame: dict[str, Any] = {
            "action": "sendMessage",
            "conversationId": conversation_id,
            "clientMessageId": client_message_id or str(uuid.uuid4()),
            "message": message,
        }
        if attachment_id is not None:
            frame |= {"messageType": "file", "attachmentId": attachment_id}
        if location is not None:
            frame |= {"messageType": "location", "location": location}
        if self._ended:
            raise self._failure or ConnectionLost
        outgoing = _Outgoing(frame)
        self._outbox.append(outgoing)
        self._work.set()
        return await outgoing.acknowledged

    async def mark_read(self, conversation_id: str, sequence: int) -> None:
        """Move the reader's cursor forward to a message."""
        await self.request({"action": "markRead", "conversationId": conversation_id, "sequence": sequence})

    async def request(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Send any frame over the present connection, or the next one, and return its answer.

        Raises:
            FrameRefused: the server refused it.
            ConnectionLost: no answer came.
        """
        await self._opened.wait()
        return await self._ask(frame)

    # ---- The connection ----------------------------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        attempt = 0
        try:
            while True:
                self._stood = False
                try:
                    await self._live()
                except* (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, ConnectionLost):
                    attempt = 1 if self._stood else attempt + 1
                except* _Moved:
                    attempt = 0
                if attempt:
                    ceiling = min(_LONGEST_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2**attempt)
                    await asyncio.sleep(random.uniform(ceiling / 2, ceiling))  # noqa: S311 - spreads load, guards nothing
        except BaseException as failure:
            self._fail(failure.exceptions[0] if isinstance(failure, BaseExceptionGroup) else failure)
            if isinstance(failure, asyncio.CancelledError):
                raise
        finally:
            self._ended = True
            self._events.put_nowait(None)
            # Whoever waits for a connection shall hear that there is none to come.
            self._opened.set()

    async def _live(self) -> None:
        """Open one connection and work over it until it ends, which raises."""
        ticket, self._ticket = self._ticket, None
        if ticket is None:
            try:
                answer = await self._open_ticket()
            except Problem as problem:
                if not problem.is_passing:
                    raise
                raise ConnectionLost from problem
            ticket = answer if isinstance(answer, str) else answer["ticket"]
        separator = "&" if "?" in self._url else "?"
        async with connect(f"{self._url}{separator}ticket={quote(ticket, safe='')}", max_size=None) as connection:
            self._connection = connection
            self._behind.update(self._last)
            self._work.set()
            self._stood = True
            self._opened.set()
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._receive(connection))
                    tasks.create_task(self._catch_up_and_send())
                    tasks.create_task(self._keep_alive())
            finally:
                self._connection = None
                self._opened.clear()
                for answer in self._answers.values():
                    if not answer.done():
                        answer.set_exception(ConnectionLost())
                self._answers.clear()

    async def _receive(self, connection: ClientConnection) -> None:
        async for text in connection:
            frame = json.loads(text)
            if waiting := self._answers.pop(frame.get("requestId") or "", None):
                if frame["type"] != "error":
                    waiting.set_result(frame)
                else:
                    waiting.set_exception(FrameRefused(frame["code"], frame["detail"]))
            elif frame["type"] == "reconnect":
                raise _Moved
            elif frame["type"] == "message":
                self._take(frame)
            elif frame["type"] != "error":
                self._events.put_nowait(cast("Event", frame))
        raise ConnectionLost

    def _take(self, event: dict[str, Any]) -> None:
        """Let a message out if it is the next one of its room; what was missed before it is fetched first."""
        room, sequence = event["message"]["conversationId"], event["message"]["sequence"]
        last = self._last.get(room)
        if last is None or sequence == last + 1:
            self._last[room] = sequence
            self._events.put_nowait(cast("Event", event))
        elif sequence > last:
            self._behind.add(room)
            self._work.set()

    async def _catch_up_and_send(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            while self._behind:
                await self._fetch_missing(self._behind.pop())
            while self._outbox and not self._behind:
                await self._deliver(self._outbox[0])

    async def _fetch_missing(self, room: str) -> None:
        more = True
        while more:
            try:
                page = await self._ask({"action": "sync", "conversationId": room, "after": self._last[room]})
            except FrameRefused as refused:
                if refused.code not in _PASSING:
                    # The room is gone for this reader: there is nothing to follow.
                    self._last.pop(room, None)
                    return
                await asyncio.sleep(_FIRST_DELAY_SECONDS)
                continue
            for message in page["items"]:
                if message["sequence"] == self._last[room] + 1:
                    self._last[room] = message["sequence"]
                    self._events.put_nowait(cast("Event", {"type": "message", "message": message}))
            more = bool(page["hasMore"])

    async def _deliver(self, outgoing: _Outgoing) -> None:
        """Send the oldest message; it leaves the outbox when it is acknowledged or refused for good."""
        try:
            ack = await self._ask(outgoing.frame)
        except FrameRefused as refused:
            if refused.code in _PASSING:
                await asyncio.sleep(_FIRST_DELAY_SECONDS)
                return
            if not outgoing.acknowledged.done():
                outgoing.acknowledged.set_exception(refused)
        else:
            if not outgoing.acknowledged.done():
                outgoing.acknowledged.set_result(cast("MessageAck", ack))
            self._count_own(outgoing.frame["conversationId"], ack["sequence"])
        self._outbox.popleft()

    def _count_own(self, room: str, sequence: int) -> None:
        """Take one's own message, of which the server tells only others, as seen."""
        last = self._last.get(room)
        if last is not None and sequence == last + 1:
            self._last[room] = sequence
        elif last is not None and sequence > last:
            self._behind.add(room)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(_PING_EVERY_SECONDS)
            with contextlib.suppress(FrameRefused):
                await self._ask({"action": "ping"})

    async def _ask(self, frame: dict[str, Any]) -> dict[str, Any]:
        connection = self._connection
        if connection is None:
            raise self._failure or ConnectionLost
        self._requests += 1
        request_id = f"r{self._requests}"
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[request_id] = answer
        try:
            await connection.send(json.dumps({**frame, "requestId": request_id}))
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await answer
        except (ConnectionClosed, TimeoutError) as silence:
            raise ConnectionLost from silence
        finally:
            self._answers.pop(request_id, None)

    def _fail(self, failure: BaseException) -> None:
        self._failure = None if isinstance(failure, asyncio.CancelledError) else failure
        for outgoing in self._outbox:
            if not outgoing.acknowledged.done():
                outgoing.acknowledged.set_exception(self._failure or ConnectionLost())
