"""The socket of the Python client: nothing is lost, doubled or out of order, whatever happens to connections."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from marketplace_client import ChatSocket, FrameRefused, Problem

ROOM = "r-1"


class Room:
    """A server with one room; ``obey`` may do something else with a frame first."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.connections: list[ServerConnection] = []
        self.tickets = 0
        self.frames: list[dict[str, Any]] = []
        self.obey: Callable[[dict[str, Any], int], str | None] = lambda _frame, _connection: None

    async def ticket(self) -> dict[str, str]:
        self.tickets += 1
        return {"ticket": f"ticket {self.tickets}"}

    def write(self, text: str, client_message_id: str | None = None) -> dict[str, Any]:
        known = next(
            (each for each in self.messages if client_message_id and each["clientMessageId"] == client_message_id), None
        )
        if known:
            return known
        message = {
            "conversationId": ROOM,
            "sequence": len(self.messages) + 1,
            "message": text,
            "clientMessageId": client_message_id,
        }
        self.messages.append(message)
        return message

    async def tell(self, message: dict[str, Any]) -> None:
        await self.connections[-1].send(json.dumps({"type": "message", "message": message}))

    async def serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        number = len(self.connections)
        async for text in connection:
            frame = json.loads(text)
            self.frames.append(frame)
            about = {"requestId": frame["requestId"]}
            order = self.obey(frame, number)
            if frame["action"] == "sendMessage" and order != "lose":
                message = self.write(frame["message"], frame["clientMessageId"])
                if order is None:
                    await connection.send(json.dumps({"type": "ack", **about, "sequence": message["sequence"]}))
            elif frame["action"] == "sync":
                found = [each for each in self.messages if each["sequence"] > frame["after"]]
                page = {"type": "page", **about, "items": found[:2], "hasMore": len(found) > 2}
                await connection.send(json.dumps(page))
            if order in {"lose", "cut"}:
                await connection.close()
            elif order:
                await connection.send(json.dumps({"type": "error", **about, "code": order, "detail": order}))


@asynccontextmanager
async def talking(room: Room) -> AsyncIterator[ChatSocket]:
    async with serve(room.serve, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with asyncio.timeout(20), ChatSocket(f"ws://127.0.0.1:{port}/", room.ticket) as chat:
            yield chat


async def texts(chat: ChatSocket, count: int) -> list[str]:
    found: list[str] = []
    async for event in chat.events():
        if event["type"] == "message":
            found.append(event["message"]["message"])
        if len(found) == count:
            break
    return found


def test_a_followed_room_is_read_from_where_one_stopped_page_by_page() -> None:
    async def play() -> list[str]:
        room = Room()
        for number in range(1, 8):
            room.write(str(number))
        async with talking(room) as chat:
            chat.follow(ROOM, after=2)
            return await texts(chat, 5)

    assert asyncio.run(play()) == ["3", "4", "5", "6", "7"]


def test_a_gap_is_filled_before_what_follows_it_is_told() -> None:
    async def play() -> list[str]:
        room = Room()
        room.write("1")
        async with talking(room) as chat:
            chat.follow(ROOM, after=0)
            first = await texts(chat, 1)
            room.write("2")
            await room.tell(room.write("3"))
            await room.tell(room.messages[1])
            await room.tell(room.write("4"))
            return first + await texts(chat, 3)

    assert asyncio.run(play()) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("order", ["lose", "cut"])
def test_a_message_outlives_a_connection_and_arrives_once_in_order(order: str) -> None:
    async def play() -> tuple[Room, list[int]]:
        room = Room()
        room.obey = lambda frame, connection: order if connection <= 2 and frame["action"] == "sendMessage" else None
        async with talking(room) as chat:
            acks = await asyncio.gather(*(chat.send_message(ROOM, text) for text in ("a", "b", "c")))
            return room, [ack["sequence"] for ack in acks]

    room, acknowledged = asyncio.run(play())
    assert [message["message"] for message in room.messages] == ["a", "b", "c"]
    assert acknowledged == [1, 2, 3]
    assert room.tickets == len(room.connections) == 3


def test_what_a_lost_connection_missed_is_fetched_by_the_next() -> None:
    async def play() -> list[str]:
        room = Room()
        room.write("1")
        async with talking(room) as chat:
            chat.follow(ROOM, after=0)
            first = await texts(chat, 1)
            await room.connections[-1].close()
            room.write("2")
            room.write("3")
            return first + await texts(chat, 2)

    assert asyncio.run(play()) == ["1", "2", "3"]


def test_the_client_moves_when_the_server_asks() -> None:
    async def play() -> int:
        room = Room()
        async with talking(room) as chat:
            await chat.send_message(ROOM, "a")
            await room.connections[0].send(json.dumps({"type": "reconnect"}))
            await room.connections[0].wait_closed()
            acknowledged = await chat.send_message(ROOM, "b")
            assert len(room.connections) == 2
            return acknowledged["sequence"]

    assert asyncio.run(play()) == 2


def test_own_messages_make_no_gap() -> None:
    async def play() -> tuple[list[str], Room]:
        room = Room()
        async with talking(room) as chat:
            chat.follow(ROOM, after=0)
            await chat.send_message(ROOM, "mine")
            await room.tell(room.write("theirs"))
            return await texts(chat, 1), room

    told, room = asyncio.run(play())
    assert told == ["theirs"]
    assert [frame["action"] for frame in room.frames].count("sync") == 1


def test_a_refused_message_is_named_and_the_next_one_goes_on() -> None:
    async def play() -> None:
        room = Room()
        room.obey = lambda frame, _connection: "room_closed" if frame.get("message") == "bad" else None
        async with talking(room) as chat:
            bad = asyncio.create_task(chat.send_message(ROOM, "bad"))
            good = asyncio.create_task(chat.send_message(ROOM, "good"))
            with pytest.raises(FrameRefused, match="room_closed"):
                await bad
            assert (await good)["sequence"] == 2

    asyncio.run(play())


def test_who_gets_no_ticket_is_told_why() -> None:
    async def play() -> None:
        async def refuse() -> dict[str, str]:
            raise Problem(httpx.Response(401, json={"code": "unauthenticated", "detail": "Sign in."}))

        async with ChatSocket("ws://127.0.0.1:9/", refuse) as chat:
            sending = asyncio.create_task(chat.send_message(ROOM, "a"))
            with pytest.raises(Problem, match="unauthenticated"):
                await texts(chat, 1)
            with pytest.raises(Problem):
                await sending

    asyncio.run(play())
