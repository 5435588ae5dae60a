"""Invariants of rooms and messages: one room a booking, one gapless sequence, one message a sending."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from marketplace.booking.model import BookingStatus
from marketplace.booking.model.booking import STAND_IN_PREFIX
from marketplace.catalogue.policy.model import ContactGuard
from marketplace.chat.contact_guard import contacts_in
from marketplace.chat.message import MessageType
from marketplace.chat.model import RoomStatus
from marketplace.notification.announcement import Template
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.rows import by_key, forgotten_before, grouped, rows, text, whole
from marketplace.platform.caller import Role
from marketplace.platform.dynamodb.lenient_rows import instant

ACKNOWLEDGED: Final = "acknowledged"
"""What clients were promised, as rows: ``conversationId``, ``clientMessageId``, ``sequence``, ``message``."""
INVOKED: Final = "invoked"
"""What clients ever tried to send, as rows: ``conversationId``, ``clientMessageId``."""
CLAIM: Final = "message#"
_SYSTEM: Final = "system"
_PARTIES: Final = frozenset({Role.CUSTOMER.value, Role.THERAPIST.value})
CLOCKS_DIFFER_BY: Final = timedelta(seconds=5)
"""Between two machines that write at the same time, at most."""
_OPENING: Final = (Template.WELCOME.value, Template.BOOKING_DETAILS.value, Template.WAITING_FOR_THERAPIST.value)
_ROOM_STATES: Final = {
    BookingStatus.PENDING.value: RoomStatus.ACTIVE.value,
    BookingStatus.CONFIRMED.value: RoomStatus.ACTIVE.value,
    BookingStatus.COMPLETED.value: RoomStatus.COMPLETED.value,
    BookingStatus.NO_SHOW.value: RoomStatus.COMPLETED.value,
    BookingStatus.DECLINED.value: RoomStatus.CANCELLED.value,
    BookingStatus.EXPIRED.value: RoomStatus.CANCELLED.value,
    BookingStatus.CANCELLED.value: RoomStatus.CANCELLED.value,
}


def each_booking_has_its_room(tables: Tables) -> list[Violation]:
    """Check I10: booking and room name each other, have the same parties, and their states fit."""
    found: list[Violation] = []
    rooms, bookings = by_key(tables, "chat_rooms", "conversationId"), by_key(tables, "bookings", "bookingId")
    for booking_id, booking in bookings.items():
        room = rooms.get(text(booking, "chatRoomId"))
        complaints = ["it has no room"] if room is None else _wrong_room(booking, room)
        found += [Violation("I10", booking_id, complaint) for complaint in complaints]
    for room_id, room in rooms.items():
        booking = bookings.get(text(room, "bookingId"), {})
        if booking.get("chatRoomId") != room_id:
            found.append(Violation("I10", room_id, "the room's booking does not name it"))
    return found


def sequences_have_no_gap(tables: Tables) -> list[Violation]:
    """Check I12: the messages of a room are 1 to n, n is the room's last, and time never runs backwards.

    Of a room that is older than messages are kept, any may be gone.
    """
    found: list[Violation] = []
    rooms, messages = by_key(tables, "chat_rooms", "conversationId"), _messages(tables)
    fading = _fading_rooms(tables)
    for room_id, room in rooms.items():
        if room_id in fading:
            continue
        sequences = [whole(message, "sequence") for message in messages.get(room_id, [])]
        if sequences != list(range(1, len(sequences) + 1)):
            found.append(Violation("I12", room_id, f"the sequences are not 1 to {len(sequences)}"))
        if whole(room, "lastSequence") != len(sequences):
            found.append(
                Violation("I12", room_id, f"the room counts {room.get('lastSequence')} messages of {len(sequences)}")
            )
    for room_id, sent in messages.items():
        if room_id not in rooms:
            found.append(Violation("I12", room_id, f"{len(sent)} messages have no room"))
        times = [(whole(message, "sequence"), instant(message, "timestamp")) for message in sent]
        found += [
            Violation("I12", room_id, f"message {later} is older than {earlier}")
            for (earlier, one), (later, other) in pairwise(times)
            if one is not None and other is not None and other < one
        ]
    return found


def each_sending_is_one_message(tables: Tables) -> list[Violation]:
    """Check I13: a sender's message id is one message, and claims and messages name each other.

    Of a room that is older than messages are kept, either may be gone first.
    """
    found: list[Violation] = []
    sent = Counter[tuple[str, str, str]]()
    sequence_of: dict[tuple[str, str, str], int] = {}
    for message in rows(tables, "chat_messages"):
        if message.get("clientMessageId") is not None:
            key = (text(message, "conversationId"), text(message, "senderId"), text(message, "clientMessageId"))
            sent[key] += 1
            sequence_of[key] = whole(message, "sequence")
    found += [
        Violation("I13", room_id, f"{times} messages of one sending of {sender_id}")
        for (room_id, sender_id, _), times in sent.items()
        if times > 1
    ]
    if "claims" not in tables:
        return found
    claimed = {}
    for claim in rows(tables, "claims"):
        parts = text(claim, "claimKey").split("#", 2)
        if text(claim, "claimKey").startswith(CLAIM) and len(parts) == 3:  # noqa: PLR2004 - message, room, sender
            claimed[parts[1], parts[2], text(claim, "claimId")] = whole(claim, "sequence")
    fading = _fading_rooms(tables)
    for key in sorted(claimed.keys() | sequence_of.keys()):
        if key[0] in fading and None in {claimed.get(key), sequence_of.get(key)}:
            continue
        if claimed.get(key) != sequence_of.get(key):
            found.append(
                Violation(
                    "I13", key[0], f"a claim of {key[1]} is of {claimed.get(key)}, its message {sequence_of.get(key)}"
                )
            )
    return found


def acknowledged_messages_stand(tables: Tables) -> list[Violation]:
    """Check I14: what was acknowledged is there as it was, in the order of the answers, and nothing was made up."""
    found: list[Violation] = []
    stored = {
        (text(message, "conversationId"), text(message, "clientMessageId")): message
        for message in rows(tables, "chat_messages")
        if message.get("clientMessageId") is not None
    }
    last: dict[tuple[str, str], int] = {}
    for promise in rows(tables, ACKNOWLEDGED):
        key = (text(promise, "conversationId"), text(promise, "clientMessageId"))
        message = stored.get(key)
        if message is None:
            found.append(Violation("I14", key[0], f"acknowledged message {promise.get('sequence')} is lost"))
            continue
        if message.get("sequence") != promise.get("sequence") or not _says(message, promise):
            found.append(Violation("I14", key[0], f"acknowledged message {promise.get('sequence')} is not as it was"))
        sender = (key[0], text(message, "senderId"))
        if whole(message, "sequence") <= last.get(sender, 0) and not promise.get("isRepeat"):
            found.append(
                Violation("I14", key[0], f"message {whole(message, 'sequence')} was acknowledged out of order")
            )
        last[sender] = max(last.get(sender, 0), whole(message, "sequence"))
    if INVOKED in tables:
        invoked = {(text(row, "conversationId"), text(row, "clientMessageId")) for row in rows(tables, INVOKED)}
        found += [
            Violation("I14", room_id, f"message {whole(stored[room_id, sending], 'sequence')} was never sent")
            for room_id, sending in sorted(stored.keys() - invoked)
        ]
    return found


def read_cursors_count_the_unread(tables: Tables) -> list[Violation]:
    """Check I15: a read cursor lies within its room, and beyond it are messages of others alone."""
    found: list[Violation] = []
    messages = _messages(tables)
    for room in rows(tables, "chat_rooms"):
        room_id, last = text(room, "conversationId"), whole(room, "lastSequence")
        for party in ("customer", "therapist"):
            read_cursor = whole(room, f"{party}ReadSequence")
            if not 0 <= read_cursor <= last:
                found.append(
                    Violation("I15", room_id, f"the {party}'s read cursor {read_cursor} is not within 0 to {last}")
                )
                continue
            own = sum(
                message.get("senderId") == room.get(f"{party}Id") and whole(message, "sequence") > read_cursor
                for message in messages.get(room_id, [])
            )
            if own:
                found.append(Violation("I15", room_id, f"{own} own messages lie beyond the {party}'s read cursor"))
    return found


def the_system_says_each_thing_once(tables: Tables) -> list[Violation]:
    """Check I16: a room opens with its three messages, and every later version of the booking added one more.

    Only that somebody wished to be forgotten is told to nobody, rooms that are older than messages are kept are not
    looked at, and one that was imported opens with what was said elsewhere.
    """
    found: list[Violation] = []
    messages, fading = _messages(tables), _fading_rooms(tables)
    for booking in rows(tables, "bookings"):
        if text(booking, "chatRoomId") in fading:
            continue
        said = [message for message in messages.get(text(booking, "chatRoomId"), []) if _is_of_system(message)]
        templates = [_template(message) for message in said]
        if tuple(templates[:3]) != _OPENING and booking.get("importedAt") is None:
            found.append(Violation("I16", text(booking, "bookingId"), "its room does not open with the three messages"))
        told = sum(message.get("messageType") == MessageType.STATUS_UPDATE.value for message in said)
        quiet = _is_erased(booking) + (booking.get("placeErasedAt") is not None)
        if told != whole(booking, "version") - 1 - quiet:
            found.append(
                Violation(
                    "I16", text(booking, "bookingId"), f"{told} steps are told, its version is {booking.get('version')}"
                )
            )
    return found


def revisions_have_no_gap(tables: Tables) -> list[Violation]:
    """Check I31: the changes of a room's messages are 1 to n, n is the room's last, and each is of one message."""
    found: list[Violation] = []
    messages, fading = _messages(tables), _fading_rooms(tables)
    changes = grouped(tables, "chat_changes", "conversationId")
    for room_id, room in by_key(tables, "chat_rooms", "conversationId").items():
        if room_id in fading:
            continue
        of_room = sorted(changes.get(room_id, ()), key=lambda change: whole(change, "revision"))
        last = max(whole(room, "lastRevision"), 0)
        if [whole(change, "revision") for change in of_room] != list(range(1, last + 1)):
            found.append(Violation("I31", room_id, f"the revisions are not 1 to {last}"))
        latest = {whole(change, "sequence"): whole(change, "revision") for change in of_room}
        for message in messages.get(room_id, ()):
            revision, sequence = max(whole(message, "revision"), 0), whole(message, "sequence")
            if latest.pop(sequence, 0) != revision:
                found.append(Violation("I31", room_id, f"message {sequence} has another revision than its change"))
        found += [Violation("I31", room_id, f"the change of message {sequence} is of none") for sequence in latest]
    return found + [Violation("I31", room_id, "changes have no room") for room_id in _without_room(tables, changes)]


def contacts_are_masked_until_confirmation(tables: Tables) -> list[Violation]:
    """Check I32: what is masked was written before the confirmation, and nothing written before it shows a contact.

    Judged where the policy of the booking asks for it; of a version that was not given nothing is said.
    """
    found: list[Violation] = []
    guarded = {0} | {
        whole(policy, "version")
        for policy in rows(tables, "policies")
        if policy.get("contactGuard") == ContactGuard.MASK.value
    }
    guarded -= {whole(policy, "version") for policy in rows(tables, "policies") if policy.get("contactGuard") == "off"}
    bookings, messages = by_key(tables, "bookings", "chatRoomId"), _messages(tables)
    for room_id, booking in bookings.items():
        confirmed_at = instant(booking, "confirmedAt")
        for message in messages.get(room_id, ()):
            if text(message, "senderRole") not in _PARTIES:
                continue
            written_at = instant(message, "editedAt") or instant(message, "timestamp")
            if written_at is None:
                continue
            sequence = whole(message, "sequence")
            is_after = confirmed_at is not None and written_at > confirmed_at + CLOCKS_DIFFER_BY
            is_before = confirmed_at is None or written_at < confirmed_at - CLOCKS_DIFFER_BY
            if message.get("original") is not None and not message.get("hidden") and is_after:
                found.append(Violation("I32", room_id, f"message {sequence} is masked though confirmed before"))
            if is_before and whole(booking, "policyVersion") in guarded and any(contacts_in(text(message, "message"))):
                found.append(Violation("I32", room_id, f"message {sequence} shows a contact before confirmation"))
    return found


CHECKS: Final[Mapping[str, Check]] = {
    "I10": each_booking_has_its_room,
    "I12": sequences_have_no_gap,
    "I13": each_sending_is_one_message,
    "I14": acknowledged_messages_stand,
    "I15": read_cursors_count_the_unread,
    "I16": the_system_says_each_thing_once,
    "I31": revisions_have_no_gap,
    "I32": contacts_are_masked_until_confirmation,
}
"""Every invariant of this module, by its number."""


def _wrong_room(booking: Row, room: Row) -> Iterator[str]:
    if room.get("bookingId") != booking.get("bookingId"):
        yield "its room names another booking"
    yield from (
        f"its room has another {name}" for name in ("customerId", "therapistId") if room.get(name) != booking.get(name)
    )
    expected = _ROOM_STATES.get(text(booking, "status"))
    if expected is not None and room.get("status") != expected:
        yield f"it is {booking.get('status')}, its room {room.get('status')}"


def _says(message: Row, promise: Row) -> bool:
    """Say whether a message says what was acknowledged, as far as nobody has changed it since."""
    if message.get("deleted") or message.get("hidden") or message.get("editedAt") is not None:
        return True
    original = message.get("original")
    return (message.get("message") if original is None else original) == promise.get("message")


def _without_room(tables: Tables, changes: Mapping[str, Sequence[Row]]) -> list[str]:
    return sorted(changes.keys() - by_key(tables, "chat_rooms", "conversationId").keys())


def _messages(tables: Tables) -> Mapping[str, Sequence[Row]]:
    return {
        room_id: sorted(messages, key=lambda message: whole(message, "sequence"))
        for room_id, messages in grouped(tables, "chat_messages", "conversationId").items()
    }


def _fading_rooms(tables: Tables) -> frozenset[str]:
    """Return the rooms whose first messages may be gone by themselves."""
    limit = forgotten_before(tables)
    return frozenset(
        room_id
        for room_id, room in by_key(tables, "chat_rooms", "conversationId").items()
        if (booked_at := instant(room, "bookedAt")) is not None and booked_at < limit
    )


def _is_of_system(message: Row) -> bool:
    return message.get("senderRole") == _SYSTEM


def _is_erased(booking: Row) -> bool:
    return text(booking, "customerWhatsApp").startswith(STAND_IN_PREFIX)


def _template(message: Row) -> object:
    metadata = message.get("metadata")
    return metadata.get("template") if isinstance(metadata, Mapping) else None
