"""The export folder, read and brought in file by file; says of each document whether it was taken, and why not."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from copy import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.model import Booking
from marketplace.booking.repository import booking_of as stored_booking
from marketplace.catalogue.therapist.model import Therapist
from marketplace.chat.message import Message
from marketplace.commission.model import Commission
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record
from tools.ops.original.attributes import Document, UnfitError, given_text
from tools.ops.original.bookings import Owed, booking_id_of, booking_of, check_amounts, commission_of, owed_in
from tools.ops.original.messages import room_of, said_in
from tools.ops.original.people import therapist_of
from tools.ops.original.stack import Target

THERAPISTS: Final = "therapists.json"
BOOKINGS: Final = "bookings.json"
ROOMS: Final = "chat_rooms.json"
MESSAGES: Final = "chat_messages.json"
COMMISSIONS: Final = "commission_records.json"
FILES: Final = (THERAPISTS, BOOKINGS, ROOMS, MESSAGES, COMMISSIONS)
REFUSED: Final = "refused.jsonl"


class UnreadableError(Exception):
    """A file is no list of documents; the text says which."""

    def __init__(self, *, why: str) -> None:
        """Keep which, and why."""
        super().__init__(why)


class Outcome(StrEnum):
    """What became of a document."""

    TAKEN = "taken"
    THERE = "already there"
    REFUSED = "refused"


@final
class Verdict(Struct, frozen=True, kw_only=True):
    """What became of one document of a file, by its place there."""

    file: str
    place: int
    id: str | None
    outcome: Outcome
    reason: str | None = None


def documents_in(folder: Path) -> Mapping[str, list[Any]]:
    """Return the documents of every file of the folder that there is.

    Raises:
        UnreadableError: a file is no JSON, or no list of documents.
    """
    found: dict[str, list[Any]] = {}
    for name in FILES:
        path = folder / name
        if not path.exists():
            continue
        try:
            read = json.loads(path.read_text(encoding="utf-8-sig"))
        except (ValueError, RecursionError, OSError):
            raise UnreadableError(why=f"{path} is no JSON") from None
        if isinstance(read, dict) and isinstance(read.get("documents"), list):
            read = read["documents"]
        if not isinstance(read, list):
            raise UnreadableError(why=f"{path} is no list of documents")
        found[name] = read
    return found


@final
class Import:
    """One run over a folder."""

    def __init__(self, documents: Mapping[str, list[Any]], target: Target, now: datetime, *, due_days: int) -> None:
        """Bring these documents into the target; commissions without a deadline are due so many days after a visit."""
        self._documents = documents
        self._target = target
        self._now = now
        self._due_days = due_days
        self._therapists: dict[str, Therapist] = {}
        self._rooms: dict[str, str] = {}
        """Booking ids by the ids that the original gave their rooms."""
        self._verdicts: list[Verdict] = []
        self.made_anew = 0
        """Commissions that bookings owed and no document recorded."""

    def run(self) -> list[Verdict]:
        """Bring in what can be; return what became of each document, file by file in their order."""
        self._bring_therapists()
        self._bring_bookings()
        order = {name: number for number, name in enumerate(FILES)}
        return sorted(self._verdicts, key=lambda verdict: (order[verdict.file], verdict.place))

    # Therapists -----------------------------------------------------------------------------------------

    def _bring_therapists(self) -> None:
        for place, document in self._each(THERAPISTS):
            try:
                therapist = therapist_of(document, self._now)
                if therapist.therapist_id in self._therapists or self._find(therapist.therapist_id) is not None:
                    self._say(THERAPISTS, place, document, Outcome.THERE)
                    continue
                self._target.add_therapist(therapist)
            except UnfitError as unfit:
                self._refuse(THERAPISTS, place, document, str(unfit))
                continue
            self._therapists[therapist.therapist_id] = therapist
            self._say(THERAPISTS, place, document, Outcome.TAKEN)

    def _find(self, therapist_id: str) -> Therapist | None:
        if therapist_id not in self._therapists:
            found = self._target.therapist(therapist_id)
            if found is None:
                return None
            self._therapists[therapist_id] = found
        return self._therapists[therapist_id]

    # Bookings, with what belongs to each ----------------------------------------------------------------

    def _bring_bookings(self) -> None:
        rooms, messages, records = self._of_bookings(ROOMS), self._of_bookings(MESSAGES), self._of_bookings(COMMISSIONS)
        seen: set[str] = set()
        for place, document in self._each(BOOKINGS):
            try:
                booking_id = booking_id_of(document)
            except UnfitError as unfit:
                self._refuse(BOOKINGS, place, document, str(unfit))
                continue
            if booking_id in seen:
                self._say(BOOKINGS, place, document, Outcome.THERE)
                continue
            seen.add(booking_id)
            belonging = {
                ROOMS: rooms.pop(booking_id, []),
                MESSAGES: messages.pop(booking_id, []),
                COMMISSIONS: records.pop(booking_id, []),
            }
            self._bring_booking(booking_id, place, document, belonging)
        for name, left in ((ROOMS, rooms), (MESSAGES, messages), (COMMISSIONS, records)):
            for booking_id, documents in left.items():
                self._say_of_booking_before(booking_id, name, documents)

    def _bring_booking(
        self, booking_id: str, place: int, document: Document, belonging: Mapping[str, list[tuple[int, Document]]]
    ) -> None:
        found = self._target.look_up(booking_id)
        if found.is_there:
            if found.is_somebody_elses:
                self._refuse(BOOKINGS, place, document, "a booking that was made here has that id")
            else:
                self._say(BOOKINGS, place, document, Outcome.THERE)
            for name, documents in belonging.items():
                self._say_of_booking_before(booking_id, name, documents)
            return
        try:
            booking, commission, told = self._read(document, belonging[COMMISSIONS])
            said = self._messages_of(booking, belonging[MESSAGES])
            room, messages = room_of(booking, [(message, source) for _, source, message in said], self._now)
            self._target.add_booking(booking, room, messages, commission)
        except UnfitError as unfit:
            self._refuse(BOOKINGS, place, document, str(unfit))
            for name, documents in belonging.items():
                for number, each in documents:
                    self._refuse(name, number, each, "its booking was refused")
            return
        self._say(BOOKINGS, place, document, Outcome.TAKEN)
        for number, (at, each) in enumerate(belonging[ROOMS]):
            if number:
                self._refuse(ROOMS, at, each, "its booking has a room already")
            else:
                self._say(ROOMS, at, each, Outcome.TAKEN)
        for at, each, _ in said:
            self._say(MESSAGES, at, each, Outcome.TAKEN)
        self._verdicts += told
        self.made_anew += commission is not None and not any(each.outcome is Outcome.TAKEN for each in told)

    def _read(
        self, document: Document, records: list[tuple[int, Document]]
    ) -> tuple[Booking, Commission | None, list[Verdict]]:
        """Return a booking with the record that it owes, and what became of the documents of records."""
        therapist_id = given_text(document, "therapistId", "providerId", "memberId")
        if therapist_id is None:
            raise UnfitError(why="therapistId is missing")
        therapist = self._find(therapist_id)
        if therapist is None:
            raise UnfitError(why="its therapist is neither in therapists.json nor here")
        told: list[Verdict] = []
        found: tuple[Booking, Commission | None] | None = None
        for at, each in records:
            if found is not None:
                told.append(_verdict(COMMISSIONS, at, each, Outcome.REFUSED, "its booking has a record already"))
                continue
            try:
                found = self._with(document, therapist, owed_in(each))
            except UnfitError as unfit:
                told.append(_verdict(COMMISSIONS, at, each, Outcome.REFUSED, str(unfit)))
            else:
                told.append(_verdict(COMMISSIONS, at, each, Outcome.TAKEN))
        booking, commission = found or self._with(document, therapist, None)
        return replace(booking, customer_id=self._target.customer_of(booking)), commission, told

    def _with(self, document: Document, therapist: Therapist, owed: Owed | None) -> tuple[Booking, Commission | None]:
        booking = booking_of(document, therapist, owed, self._now)
        return booking, commission_of(booking, owed, self._now, due_days=self._due_days)

    def _messages_of(
        self, booking: Booking, documents: list[tuple[int, Document]]
    ) -> list[tuple[int, Document, Message]]:
        said, seen = list[tuple[int, Document, Message]](), set[str]()
        for at, each in documents:
            message_id = given_text(each, "$id", "messageId", "id")
            if message_id is not None and message_id in seen:
                self._say(MESSAGES, at, each, Outcome.THERE)
                continue
            try:
                said.append((at, each, said_in(each, booking)))
            except UnfitError as unfit:
                self._refuse(MESSAGES, at, each, str(unfit))
                continue
            seen.add(message_id or "")
        return said

    def _say_of_booking_before(self, booking_id: str, name: str, documents: list[tuple[int, Document]]) -> None:
        """Say of what belongs to a booking that this run does not bring in whether it came with it before."""
        if not documents:
            return
        found = self._target.look_up(booking_id)
        if found.booking is None or found.is_somebody_elses:
            for at, each in documents:
                self._refuse(name, at, each, "its booking was not imported")
            return
        booking = stored_booking(found.booking)
        known = self._target.message_ids(booking.chat_room_id) if name == MESSAGES else frozenset()
        for number, (at, each) in enumerate(documents):
            if name == MESSAGES and (given_text(each, "$id", "messageId", "id") or "") not in known:
                self._refuse(name, at, each, "its room was imported without it")
            elif name == COMMISSIONS and (contradiction := _contradicts(each, found.commission)) is not None:
                self._refuse(name, at, each, contradiction)
            elif name != MESSAGES and number:
                self._refuse(name, at, each, "its booking has one already")
            else:
                self._say(name, at, each, Outcome.THERE)

    # Documents ------------------------------------------------------------------------------------------

    def _of_bookings(self, name: str) -> dict[str, list[tuple[int, Document]]]:
        """Return the documents of a file by the booking to which they belong; what names none is refused."""
        found = defaultdict[str, list[tuple[int, Document]]](list)
        for place, document in self._each(name):
            room_id = given_text(document, "conversationId", "chatRoomId", "roomId")
            booking_id = given_text(document, "bookingId") or self._rooms.get(room_id or "")
            if booking_id is None:
                self._refuse(name, place, document, "it names no booking")
                continue
            if name == ROOMS:
                for own in (room_id, given_text(document, "$id")):
                    if own is not None:
                        self._rooms.setdefault(own, booking_id)
            found[booking_id].append((place, document))
        return found

    def _each(self, name: str) -> Iterator[tuple[int, Document]]:
        for place, document in enumerate(self._documents.get(name, ()), start=1):
            if isinstance(document, dict):
                yield place, document
            else:
                self._verdicts.append(
                    Verdict(file=name, place=place, id=None, outcome=Outcome.REFUSED, reason="it is no document")
                )

    def _say(self, name: str, place: int, document: Document, outcome: Outcome) -> None:
        self._verdicts.append(_verdict(name, place, document, outcome))

    def _refuse(self, name: str, place: int, document: Document, reason: str) -> None:
        self._verdicts.append(_verdict(name, place, document, Outcome.REFUSED, reason))


def _contradicts(document: Document, stored: Item | None) -> str | None:
    """Return why a document is not the record that a booking of an earlier run came with."""
    if stored is None:
        return "its booking was never confirmed, so it owes nothing"
    try:
        check_amounts(from_record(Commission, stored), owed_in(document))
    except UnfitError as unfit:
        return str(unfit)
    return None


def _verdict(name: str, place: int, document: Document, outcome: Outcome, reason: str | None = None) -> Verdict:
    own = given_text(document, "$id", "bookingId" if name == BOOKINGS else "id")
    return Verdict(file=name, place=place, id=own, outcome=outcome, reason=reason)


def counted(verdicts: list[Verdict]) -> Mapping[str, Counter[Outcome]]:
    """Return how many documents of each file came to which end."""
    found: dict[str, Counter[Outcome]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.file, Counter())[verdict.outcome] += 1
    return found
