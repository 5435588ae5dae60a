"""Who is connected: one row per socket, found by user, gone with the socket or after its two hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.clock import written
from marketplace.domain.caller import Caller, Language, Role
from marketplace.domain.refusals import Unauthenticated
from marketplace.storage.records import from_record, to_record
from marketplace.storage.store import Condition, ConditionRefused, Delete, Put, Store, Update, absent, present

ADMINS: Final = "group#admin"
"""The key under which every admin's connections are found at once."""
LONGEST_CONNECTION: Final = timedelta(hours=2)
KEPT_FOR: Final = LONGEST_CONNECTION + timedelta(minutes=5)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One open socket of one person."""

    user_id: str
    connection_id: str
    role: Role
    language: Language
    connected_at: datetime
    expires_at_epoch: int
    owner_id: str
    """The person behind it; the same as ``user_id`` but in the admins' common rows."""
    open_rooms: frozenset[str] = frozenset()
    reconnect_told: bool = False


@final
class Connections:
    """Every open socket."""

    def __init__(self, store: Store) -> None:
        """Keep connections in ``store``."""
        self._store = store

    def add(self, caller: Caller, connection_id: str, *, now: datetime) -> None:
        """Note a socket that has opened."""
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
        keys = [caller.user_id, ADMINS] if caller.is_admin else [caller.user_id]
        self._store.transact(
            Put(label=key, table="connections", item={**record, "userId": key}, condition=absent("userId"))
            for key in keys
        )

    def find_by_users(self, user_ids: Iterable[str]) -> list[Connection]:
        """Return every open socket of the given people, read strongly: one query a person."""
        return [
            from_record(Connection, item)
            for user_id in dict.fromkeys(user_ids)
            for item in self._store.query(
                "connections",
                where=Condition(expression="#userId = :user", values={"user": user_id}),
                strongly=True,
            ).items
        ]

    def remove(self, connection: Connection) -> None:
        """Forget a socket that is gone, and only that one: a newer one under the same id stays."""
        same = Condition(
            expression="#connectedAt = :connectedAt", values={"connectedAt": written(connection.connected_at)}
        )
        keys = {connection.user_id, connection.owner_id}
        if connection.role is Role.ADMIN:
            keys.add(ADMINS)
        for key in keys:
            try:
                self._store.write(
                    Delete(
                        label="connection",
                        table="connections",
                        key={"userId": key, "connectionId": connection.connection_id},
                        condition=same,
                    )
                )
            except ConditionRefused:
                continue

    def close(self, caller: Caller, connection_id: str) -> Connection | None:
        """Forget a socket that has closed and return what it was, or nothing if it was forgotten before."""
        closed = None
        for key in [caller.user_id, ADMINS] if caller.is_admin else [caller.user_id]:
            try:
                item = self._store.write(
                    Delete(
                        label="connection",
                        table="connections",
                        key={"userId": key, "connectionId": connection_id},
                        condition=present("userId"),
                    )
                )
            except ConditionRefused:
                continue
            closed = closed or from_record(Connection, item)
        return closed

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
