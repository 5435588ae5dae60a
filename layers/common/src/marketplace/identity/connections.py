"""Who is connected: one row per socket, found by user, gone with the socket or after its two hours."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.identity.sign_outs import SIGN_IN, counts, sign_out_key, still_signed_in
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import Instant, format_utc
from marketplace.platform.dynamodb.actions import (
    Condition,
    ConditionRefused,
    Delete,
    Put,
    TransactionRefused,
    Update,
    absent,
    present,
)
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.language import Language
from marketplace.platform.record import Record
from marketplace.platform.refusals import Unauthenticated

ADMINS: Final = "group#admin"
"""The key under which every admin's connections are found at once."""
LONGEST_CONNECTION: Final = timedelta(hours=2)
"""After which the gateway closes a socket, whatever happens on it."""
TOLD_BEFORE: Final = timedelta(minutes=5)
MOST_OPEN: Final = 10
"""Sockets of one person: what is pushed to them goes to each of these."""
KEPT_FOR: Final = LONGEST_CONNECTION + timedelta(minutes=5)
_DUE: Final = "yes"


@final
class Connection(Record, frozen=True, kw_only=True):
    """One open socket of one person."""

    user_id: str
    connection_id: str
    role: Role
    language: Language
    connected_at: Instant
    expires_at_epoch: int
    owner_id: str
    """The person behind it; the same as ``user_id`` but in the admins' common rows."""
    open_rooms: frozenset[str] = frozenset()

    @property
    def tells_at(self) -> datetime:
        """When the client should be asked to open another socket."""
        return self.connected_at + LONGEST_CONNECTION - TOLD_BEFORE

    @property
    def over_at(self) -> datetime:
        """When there can be nothing behind the row any more."""
        return self.connected_at + KEPT_FOR


@final
class Connections:
    """Every open socket."""

    def __init__(self, store: Store) -> None:
        """Keep connections in ``store``."""
        self._store = store

    def add(self, caller: Caller, connection_id: str, *, now: datetime) -> None:
        """Note a socket that has opened, if the sign-in behind it still counts in that very moment.

        Raises:
            Unauthenticated: the caller has been signed out since.
        """
        connection = Connection(
            user_id=caller.user_id,
            connection_id=connection_id,
            role=caller.role,
            language=caller.language,
            connected_at=now,
            expires_at_epoch=int((now + KEPT_FOR).timestamp()),
            owner_id=caller.user_id,
        )
        record = to_record(connection)
        del record["openRooms"]
        own = {**record, "due": _DUE, "dueAt": format_utc(connection.tells_at)}
        rows = [own, {**record, "userId": ADMINS}] if caller.is_admin else [own]
        noting = [Put(label=row["userId"], table="connections", item=row, condition=absent("userId")) for row in rows]
        try:
            self._store.transact([still_signed_in(caller), *noting])
        except TransactionRefused as lost:
            if SIGN_IN in lost.refused:
                raise Unauthenticated from None
            return  # the gateway has told of this very socket before

    def check_open(self, caller: Caller, connection_id: str) -> None:
        """Refuse whoever has been signed out, or whose socket has been closed, perhaps while it was just opening.

        Raises:
            Unauthenticated: nothing may be done over this socket.
        """
        row, sign_out = self._store.batch_get(
            [
                ("connections", {"userId": caller.user_id, "connectionId": connection_id}),
                ("claims", sign_out_key(caller.user_id)),
            ]
        )
        if row is None or not counts(caller, sign_out):
            raise Unauthenticated

    def find_others(self, caller: Caller, connection_id: str) -> list[Connection]:
        """Return the other sockets of whoever has opened or closed one, newest first.

        Those beyond :data:`MOST_OPEN` with one that has just opened are one too many.
        """
        others = [each for each in self.find_by_users([caller.user_id]) if each.connection_id != connection_id]
        return sorted(others, key=lambda each: (each.connected_at, each.connection_id), reverse=True)

    def find_due(self, now: datetime) -> tuple[list[Connection], list[Connection]]:
        """Return the sockets that should be asked to reconnect, and those that are past their time."""
        where = Condition(expression="#due = :due AND #dueAt <= :now", values={"due": _DUE, "now": format_utc(now)})
        keys = [
            ("connections", {"userId": str(item["userId"]), "connectionId": str(item["connectionId"])})
            for item in self._store.query_all("connections", where=where, index="byDueTime")
        ]
        items = [item for item in self._store.batch_get(keys) if item is not None]
        found = readable_records(Connection, items, key="connectionId")
        over = [connection for connection in found if connection.over_at <= now]
        return [connection for connection in found if connection.over_at > now], over

    def note_told(self, connection: Connection) -> bool:
        """Note, once, that a socket is asked to reconnect; it is due again when it must be over."""
        try:
            self._store.write(
                Update(
                    label="connection",
                    table="connections",
                    key={"userId": connection.user_id, "connectionId": connection.connection_id},
                    condition=Condition(expression="#dueAt = :told", values={"told": format_utc(connection.tells_at)}),
                    assign={"dueAt": format_utc(connection.over_at)},
                )
            )
        except ConditionRefused:
            return False
        return True

    def find_by_users(self, user_ids: Iterable[str]) -> list[Connection]:
        """Return every open socket of the given people, read strongly: one query a person."""
        items = (
            item
            for user_id in dict.fromkeys(user_ids)
            for item in self._store.query(
                "connections",
                where=Condition(expression="#userId = :user", values={"user": user_id}),
                strongly=True,
            ).items
        )
        return readable_records(Connection, items, key="connectionId")

    def set_language(self, user_id: str, language: Language) -> None:
        """Speak another language to somebody from now on, on every socket that they have open."""
        for connection in self.find_by_users([user_id]):
            try:
                self._store.write(
                    Update(
                        label="connection",
                        table="connections",
                        key={"userId": user_id, "connectionId": connection.connection_id},
                        condition=present("userId"),
                        assign={"language": language.value},
                    )
                )
            except ConditionRefused:
                continue

    def remove(self, connection: Connection) -> Connection | None:
        """Forget a socket that is gone, and only that one: a newer one under the same id stays.

        Return what it was with the rooms on its screen, or nothing if there was nothing left to forget.
        """
        forgotten: Connection | None = None
        same = Condition(
            expression="#connectedAt = :connectedAt", values={"connectedAt": format_utc(connection.connected_at)}
        )
        keys = {connection.user_id, connection.owner_id}
        if connection.role is Role.ADMIN:
            keys.add(ADMINS)
        for key in keys:
            try:
                item = self._store.write(
                    Delete(
                        label="connection",
                        table="connections",
                        key={"userId": key, "connectionId": connection.connection_id},
                        condition=same,
                    )
                )
            except ConditionRefused:
                continue
            row = from_record(Connection, item) if item else connection
            if forgotten is None or row.open_rooms:  # the admins' common row knows of no rooms
                forgotten = row
        return forgotten

    def close(self, caller: Caller, connection_id: str) -> Connection | None:
        """Forget a socket that has closed and return what it was, or nothing if it was forgotten before.

        It is read first: a removal whose answer was lost could not tell any more what there was.
        """
        item = self._store.get("connections", {"userId": caller.user_id, "connectionId": connection_id})
        for key in [caller.user_id, ADMINS] if caller.is_admin else [caller.user_id]:
            try:
                self._store.write(
                    Delete(
                        label="connection",
                        table="connections",
                        key={"userId": key, "connectionId": connection_id},
                        condition=present("userId"),
                    )
                )
            except ConditionRefused:
                continue
        return None if item is None else from_record(Connection, item)

    def set_room_open(self, caller: Caller, connection_id: str, conversation_id: str, *, is_open: bool) -> None:
        """Note whether a socket's chat window shows a room."""
        change = {"openRooms": frozenset({conversation_id})}
        try:
            self._store.write(
                Update(
                    label="connection",
                    table="connections",
                    key={"userId": caller.user_id, "connectionId": connection_id},
                    condition=present("userId"),
                    add=change if is_open else {},
                    delete={} if is_open else change,
                )
            )
        except ConditionRefused:
            raise Unauthenticated from None


_MOST_REMEMBERED: Final = 10_000


@final
class FirstFrames:
    """Judges a connection with the first frame that it sends to this execution environment.

    The gateway asks nobody about a frame, and calls a socket gone while it is just opening: whoever closes it in
    that moment, by signing out or with one socket too many, may miss it.
    """

    def __init__(self, connections: Connections) -> None:
        """Judge by the rows of ``connections``."""
        self._connections = connections
        self._judged: OrderedDict[str, None] = OrderedDict()

    def check(self, caller: Caller, connection_id: str) -> None:
        """Refuse a connection that should not be open; one read for each, once.

        Raises:
            Unauthenticated: nothing may be done over it.
        """
        if connection_id in self._judged:
            return
        self._connections.check_open(caller, connection_id)
        self._judged[connection_id] = None
        if len(self._judged) > _MOST_REMEMBERED:
            self._judged.popitem(last=False)
