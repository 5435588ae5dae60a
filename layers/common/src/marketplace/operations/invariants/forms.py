"""The invariant of form: every row has the attributes of its kind, each of its type and size."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from marketplace.booking.model import BookingStatus, BookingType, Source
from marketplace.chat.message import MessageType
from marketplace.chat.model import RoomStatus
from marketplace.commission.states import PaymentStatus
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.rows import rows, text
from marketplace.platform.caller import Role
from marketplace.platform.dynamodb.lenient_rows import instant_of

LONGEST_MESSAGE: Final = 4_000
LONGEST_NAME: Final = 255
LONGEST_METADATA: Final = 4_096
MOST_RUPIAH: Final = 10**12
DURATIONS: Final = frozenset({60, 90, 120})
_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

type Test = Callable[[Any], bool]
type Form = Mapping[str, Test]


def _instant(value: Any) -> bool:  # noqa: ANN401 - any stored value
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None and instant_of(value) is not None


def _day(value: Any) -> bool:  # noqa: ANN401 - any stored value
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def _whole(least: int, most: int) -> Test:
    return lambda value: type(value) is int and least <= value <= most


def _text(longest: int, shortest: int = 1) -> Test:
    return lambda value: (
        isinstance(value, str)
        and shortest <= len(value) <= longest
        and unicodedata.is_normalized("NFC", value)
        and "\x00" not in value
    )


def _one_of(kind: type[StrEnum]) -> Test:
    values = frozenset(member.value for member in kind)
    return lambda value: isinstance(value, str) and value in values


def _map(value: Any) -> bool:  # noqa: ANN401 - any stored value
    return isinstance(value, Mapping)


def _flag(value: Any) -> bool:  # noqa: ANN401 - any stored value
    return isinstance(value, bool)


def _number(value: Any) -> bool:  # noqa: ANN401 - any stored value
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _or_nothing(test: Test) -> Test:
    return lambda value: value is None or test(value)


_ID: Final = _text(128)
_RUPIAH: Final = _whole(0, MOST_RUPIAH)
_COUNT: Final = _whole(0, 10**9)
_VERSION: Final = _whole(1, 10**9)

FORMS: Final[Mapping[str, tuple[str, Form]]] = {
    "bookings": (
        "bookingId",
        {
            "bookingId": _ID,
            "therapistId": _ID,
            "therapistName": _text(LONGEST_NAME),
            "customerId": _ID,
            "customerName": _text(LONGEST_NAME),
            "customerWhatsApp": _number,
            "duration": lambda value: type(value) is int and value in DURATIONS,
            "price": _RUPIAH,
            "discount": _RUPIAH,
            "currency": lambda value: value == "IDR",
            "commissionRateBps": _whole(0, 10_000),
            "status": _one_of(BookingStatus),
            "createdAt": _instant,
            "updatedAt": _instant,
            "offeredAt": _instant,
            "responseDeadline": _instant,
            "bookingType": _one_of(BookingType),
            "mode": _one_of(BookingType),
            "source": _one_of(Source),
            "chatWindowOpen": _flag,
            "chatRoomId": _ID,
            "version": _VERSION,
            "isTest": _flag,
        },
    ),
    "chat_rooms": (
        "conversationId",
        {
            "conversationId": _ID,
            "bookingId": _ID,
            "customerId": _ID,
            "therapistId": _ID,
            "status": _one_of(RoomStatus),
            "lastSequence": _COUNT,
            "customerReadSequence": _COUNT,
            "therapistReadSequence": _COUNT,
            "bookedAt": _instant,
        },
    ),
    "chat_messages": (
        "conversationId",
        {
            "conversationId": _ID,
            "sequence": _VERSION,
            "senderId": _ID,
            "senderRole": _one_of(Role),
            "message": _text(LONGEST_MESSAGE, shortest=0),
            "messageType": _one_of(MessageType),
            "bookingId": _ID,
            "timestamp": _instant,
            "metadata": _map,
        },
    ),
    "commission_records": (
        "bookingId",
        {
            "bookingId": _ID,
            "therapistId": _ID,
            "bookingDate": _instant,
            "serviceDate": _instant,
            "bookingAmount": _RUPIAH,
            "commissionAmount": _RUPIAH,
            "commissionRate": lambda value: type(value) in {int, float} and 0 <= value <= 1,
            "paymentStatus": _one_of(PaymentStatus),
            "paymentDeadline": _instant,
            "source": _one_of(Source),
            "version": _VERSION,
        },
    ),
    "calendar": ("therapistId", {"therapistId": _ID, "day": _day, "holds": _map, "version": _VERSION}),
    "claims": ("claimKey", {"claimKey": _text(2_048), "claimId": _text(1_024)}),
    "notifications": (
        "notificationId",
        {"userId": _ID, "notificationId": _ID, "kind": _text(64), "createdAt": _instant, "role": _one_of(Role)},
    ),
    "history": (
        "entityId",
        {
            "entityId": _ID,
            "entryId": _text(128),
            "at": _instant,
            "version": _VERSION,
            "actor": _ID,
            "actorRole": _one_of(Role),
            "action": _text(64),
        },
    ),
}
"""What every row of a table has, and the attribute that names it in a report."""
_WHERE_GIVEN: Final[Mapping[str, Form]] = {
    "bookings": {
        name: _or_nothing(test)
        for name, test in {
            "scheduledTime": _instant,
            "confirmedAt": _instant,
            "declinedAt": _instant,
            "expiredAt": _instant,
            "cancelledAt": _instant,
            "completedAt": _instant,
            "roomNumber": _text(50),
            "reason": _text(LONGEST_MESSAGE),
            "location": _map,
        }.items()
    },
}
"""What some rows of a table have besides."""


def rows_have_their_form(tables: Tables) -> list[Violation]:
    """Check I23: no row lacks an attribute of its kind, and none has one of another type, size or writing."""
    return [
        Violation("I23", text(row, key) or "(no key)", f"{table}.{attribute} {complaint}")
        for table, (key, form) in FORMS.items()
        for row in rows(tables, table)
        for attribute, complaint in _wrong(row, form, _WHERE_GIVEN.get(table, {}))
    ]


CHECKS: Final[Mapping[str, Check]] = {"I23": rows_have_their_form}
"""Every invariant of this module, by its number."""


def _wrong(row: Row, form: Form, where_given: Form) -> Iterator[tuple[str, str]]:
    for attribute, test in form.items():
        if attribute not in row:
            yield attribute, "is missing"
        elif not test(row[attribute]):
            yield attribute, "has another form"
    for attribute, test in where_given.items():
        if attribute in row and not test(row[attribute]):
            yield attribute, "has another form"
    metadata = row.get("metadata")
    if isinstance(metadata, Mapping) and len(repr(metadata).encode()) > 4 * LONGEST_METADATA:
        yield "metadata", "is too large"
