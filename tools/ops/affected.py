"""`make affected`: lists whom a breach of given rows concerns, how each is reached, and what of them was in the rows.

ROWS is a file of JSON Lines, one for each row that others may have seen: ``{"table": "bookings", "key": {"bookingId":
"b-1"}}``; with a part of the key every row of it, without one the whole table. The list goes to standard output as CSV.
"""

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO, final

from botocore.exceptions import BotoCoreError, ClientError

from marketplace.booking.model.booking import STAND_IN_PREFIX
from marketplace.operations.privacy.personal_data import PERSONAL
from marketplace.platform.dynamodb.actions import Condition
from marketplace.platform.dynamodb.store import Store
from tools.command_line import OneLineParser
from tools.ops.migrate_ledger import store_of
from tools.ops.verify import stack_of

type Row = Mapping[str, Any]

_IDS: Final = (
    "customerId",
    "therapistId",
    "userId",
    "ownerId",
    "senderId",
    "receiverId",
    "reporterId",
    "concernsId",
    "actorId",
    "actor",
)
"""Attributes that hold a person's id."""
_BOOKING_IN: Final = re.compile(r"^[br]-(?P<subject>.+)$")
"""A room is named after its booking."""
_NUMBER: Final = re.compile(r"\+\d{6,15}")
_OF_THERAPISTS: Final = frozenset(
    {
        "name",
        "therapistName",
        "therapistWhatsApp",
        "whatsApp",
        "email",
        "bankDetails",
        "biography",
        "number",
        "fileName",
        "message",
        "senderName",
        "commissionAmount",
        "bookingAmount",
        "paymentStatus",
        "lines",
        "amount",
        "total",
        "reason",
        "text",
        "reply",
        "to",
        "parameters",
    }
)
"""Attributes that tell something of a therapist."""
_NOBODY: Final = frozenset({"", "system", "admins"})
_HEADER: Final = ("role", "userId", "name", "contact", "language", "bookings", "data")


@final
@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody whom a breach concerns."""

    user_id: str
    role: str = "unknown"
    name: str = ""
    contact: str = ""
    """Telephone number or address; empty for somebody who was erased and cannot be reached."""
    language: str = ""
    bookings: set[str] = field(default_factory=set)
    data: set[str] = field(default_factory=set)
    """What of them was in the rows: ``bookings.customerName``."""


def affected(store: Store, named: Iterable[Mapping[str, Any]]) -> list[Person]:
    """Return whom rows concern, by role and id; rows that are gone by now name nobody any more.

    Raises:
        ValueError: a line names no table.
    """
    people: dict[str, Person] = {}
    bookings: dict[str, Row | None] = {}
    for line in named:
        table = str(line.get("table") or "")
        if not table:
            message = f"this names no table: {json.dumps(line)}"
            raise ValueError(message)
        for row in _rows(store, table, line.get("key") or {}):
            booking = _booking_of(store, row, bookings)
            for user_id in _people_in(row, booking):
                person = people.setdefault(user_id, Person(user_id=user_id))
                person.data |= _data_of(table, row, is_customer=_is_customer(user_id, row, booking))
                if booking is not None:
                    person.bookings.add(str(booking["bookingId"]))
    found = [_known(store, person, bookings) for person in people.values()]
    return sorted(found, key=lambda person: (person.role, person.user_id))


def _rows(store: Store, table: str, key: Mapping[str, Any]) -> Iterator[Row]:
    if len(key) > 1:
        item = store.get(table, key)
        yield from () if item is None else (item,)
    elif key:
        ((name, value),) = key.items()
        yield from store.query_all(table, where=Condition(expression=f"#{name} = :value", values={"value": value}))
    else:
        start = None
        while True:
            page = store.scan(table, start=start)
            yield from page.items
            start = page.next_key
            if start is None:
                return


def _booking_of(store: Store, row: Row, known: dict[str, Row | None]) -> Row | None:
    """Return the booking that a row belongs to, which names both parties."""
    for name in ("bookingId", "conversationId", "chatRoomId", "entityId"):
        found = _BOOKING_IN.match(str(row.get(name) or ""))
        if found:
            booking_id = f"b-{found['subject']}"
            if booking_id not in known:
                known[booking_id] = store.get("bookings", {"bookingId": booking_id})
            if known[booking_id] is not None:
                return known[booking_id]
    return None


def _people_in(row: Row, booking: Row | None) -> set[str]:
    named = {str(source.get(name) or "") for source in (row, booking or {}) for name in _IDS}
    numbers = _NUMBER.findall(f"{row.get('claimKey') or ''} {row.get('claimId') or ''}")
    return {*named, *numbers} - _NOBODY


def _is_customer(user_id: str, row: Row, booking: Row | None) -> bool:
    therapists = {str(source.get(name) or "") for source in (row, booking or {}) for name in ("therapistId", "actorId")}
    return user_id not in therapists or user_id == str((booking or row).get("customerId"))


def _data_of(table: str, row: Row, *, is_customer: bool) -> set[str]:
    names = PERSONAL.get(table, {}).keys() if is_customer else _OF_THERAPISTS
    found = {f"{table}.{name}" for name in names if row.get(name)}
    return found or {table}


def _known(store: Store, person: Person, bookings: Mapping[str, Row | None]) -> Person:
    """Fill in who somebody is and how they are reached."""
    if person.user_id.startswith("+"):
        person.role, person.contact = "customer", person.user_id
        return person
    therapist = store.get("therapists", {"therapistId": person.user_id})
    if therapist is not None:
        person.role, person.name = "therapist", str(therapist.get("name") or "")
        person.contact = str(therapist.get("whatsApp") or therapist.get("email") or "")
        person.language = str(therapist.get("language") or "")
        return person
    own = next((row for row in bookings.values() if row and row.get("customerId") == person.user_id), None)
    if own is None:
        where = Condition(expression="#customerId = :customer", values={"customer": person.user_id})
        own = next(iter(store.query_all("bookings", where=where, index="byCustomer")), None)
    if own is not None:
        number = str(own.get("customerWhatsApp") or "")
        person.role, person.name = "customer", str(own.get("customerName") or "")
        person.contact = "" if number.startswith(STAND_IN_PREFIX) else number
        person.language = str(own.get("customerLanguage") or "")
    elif (staff := store.get("staff", {"userId": person.user_id})) is not None:
        person.role, person.name = "admin", str(staff.get("name") or "")
        person.contact = str(staff.get("email") or "")
    return person


def write_list(people: Iterable[Person], to: TextIO) -> None:
    """Write people as CSV, one a line."""
    lines = csv.writer(to, lineterminator="\n")
    lines.writerow(_HEADER)
    for each in people:
        lines.writerow(
            [
                each.role,
                each.user_id,
                each.name,
                each.contact,
                each.language,
                " ".join(sorted(each.bookings)),
                " ".join(sorted(each.data)),
            ]
        )


def main() -> int:
    """List whom the rows of the file concern."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, read with your credentials")
    parser.add_argument("--rows", type=Path, required=True, help="JSON Lines that name the rows")
    chosen = parser.parse_args()
    try:
        named = [json.loads(line) for line in chosen.rows.read_text(encoding="utf-8").splitlines() if line.strip()]
        people = affected(store_of(stack_of(chosen.outputs, chosen.stack)), named)
    except (OSError, ValueError) as error:
        print(f"the rows cannot be read: {error}", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"the stack cannot be read: {error}", file=sys.stderr)
        return 2
    write_list(people, sys.stdout)
    out_of_reach = sum(1 for each in people if not each.contact)
    print(f"{len(people)} people, {out_of_reach} without a number or address", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
