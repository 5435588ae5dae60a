"""One thread's part of a busy day: customers, therapists and an admin who book, answer, talk and change their minds.

Whoever gets no answer, or a 5xx, says the same again, as a client does; some do not wait for their answer.
"""

import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, final

import httpx
from websockets.exceptions import WebSocketException

from marketplace.platform.clock import format_utc, utc_now
from tools.local.person import Person, Socket
from tools.local.soaking.promises import Promises

TRIES: Final = 8
_OUT_OF_PATIENCE: Final = 0.03
"""How many requests are not waited for."""
_IMPATIENT_SECONDS: Final = (0.01, 0.3)
_FRAME_SECONDS: Final = 10.0
_SERVER_ERROR: Final = 500
_CLIENT_ERROR: Final = 400

_BOOKING: Final = frozenset({"slot_taken", "duplicate_booking", "discount_unavailable"})
_ANSWERING: Final = frozenset({"booking_not_pending", "deadline_passed"})
_ENDING: Final = frozenset({"invalid_transition", "booking_not_pending", "deadline_passed"})
_REASSIGNING: Final = _ENDING | {"slot_taken", "duplicate_booking", "discount_unavailable"}
_TALKING: Final = frozenset({"room_closed"})

STATUS_AFTER: Final = {
    "accept": "confirmed",
    "decline": "declined",
    "cancel": "cancelled",
    "complete": "completed",
    "reassign": "pending",
}

type Dice = random.Random
type Request = Callable[[float | None], httpx.Response]
"""Says something, and waits so long for an answer."""


@final
@dataclass(slots=True)
class Log:
    """What has happened, written by many threads."""

    answers: Counter[str] = field(default_factory=Counter)
    """By status, a refusal with its code."""
    seconds: list[float] = field(default_factory=list)
    unexpected: Counter[str] = field(default_factory=Counter)
    """What was answered that has no place in such a day."""
    repeats: int = 0
    given_up: int = 0
    """Said as often as a client does, and never answered."""
    not_waited_for: int = 0
    over_sockets: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, response: httpx.Response, seconds: float, what: str, refusals: frozenset[str]) -> None:
        """Note an answer to what was said."""
        status, code = response.status_code, ""
        if status >= _CLIENT_ERROR:
            with suppress(ValueError, AttributeError):
                code = str(response.json().get("code", ""))
        words = f"{status} {code}".strip()
        with self._lock:
            self.answers[words] += 1
            self.seconds.append(seconds)
            if _CLIENT_ERROR <= status < _SERVER_ERROR and code not in refusals:
                self.unexpected[f"{what}: {words}"] += 1

    def count(self, **numbers: int) -> None:
        """Add to numbers by their names."""
        with self._lock:
            for name, number in numbers.items():
                setattr(self, name, getattr(self, name) + number)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who takes part, shared by all threads."""

    customers: Sequence[Person]
    therapists: Sequence[Person]
    admin: Person
    codes: Sequence[str]
    """Discount codes, some of which run out."""
    turns: threading.Semaphore
    """As many as requests may be waited for at once."""


@final
class Life:
    """A customer and a therapist at a time."""

    def __init__(self, people: People, log: Log, promises: Promises, dice: Dice) -> None:
        """Live with these people by these dice."""
        self._people = people
        self._log = log
        self._promises = promises
        self._dice = dice

    def live(self) -> None:
        """Book, and let whatever comes of it come."""
        customer, therapist = self._dice.choice(self._people.customers), self._dice.choice(self._people.therapists)
        booking = self._book(customer, therapist)
        if booking is None:
            return
        self._talk(booking, customer, therapist, self._dice.randint(0, 4))
        match self._dice.choice(("accept", "accept", "accept", "decline", "cancel", "both", "nothing")):
            case "decline":
                self._take(booking, "decline", therapist)
                if self._dice.random() < 0.5:  # noqa: PLR2004 - every other one
                    self._offer_to_another(booking, customer)
            case "cancel":
                self._take(booking, "cancel", customer)
            case "both":
                self._take_both(booking, customer, therapist)
            case "accept":
                self._accept_and_end(booking, customer, therapist)
            case _:
                pass

    def _book(self, customer: Person, therapist: Person) -> Mapping[str, Any] | None:
        body, key = self._order(therapist), {"Idempotency-Key": secrets.token_hex(8)}
        answer, _ = self._say(
            "book", lambda patience: _post(customer, "/bookings", body, patience, headers=key), refusals=_BOOKING
        )
        if answer is None:
            self._promises.not_told(customer.user_id)
            return None
        if not answer.is_success:
            return None
        booking: Mapping[str, Any] = answer.json()["booking"]
        self._promises.told(booking["bookingId"], booking["status"])
        return booking

    def _accept_and_end(self, booking: Mapping[str, Any], customer: Person, therapist: Person) -> None:
        self._take(booking, "accept", therapist)
        self._talk(booking, customer, therapist, self._dice.randint(0, 6))
        self._take(booking, self._dice.choice(("complete", "complete", "cancel")), therapist)

    def _offer_to_another(self, booking: Mapping[str, Any], customer: Person) -> None:
        other = self._dice.choice(self._people.therapists)
        if self._take(booking, "reassign", self._people.admin, {"therapistId": other.user_id}):
            self._accept_and_end(booking, customer, other)

    def _take(self, booking: Mapping[str, Any], step: str, by: Person, body: Mapping[str, Any] | None = None) -> bool:
        """Take a step on a booking, note what was told of it, and say whether it was taken."""
        booking_id = booking["bookingId"]
        if step == "cancel":  # of which a therapist owes the reason
            body = {"reason": "It rains"}
        path = f"/admin/bookings/{booking_id}" if step == "reassign" else f"/bookings/{booking_id}"
        answer, times = self._say(
            step,
            lambda patience: _post(by, f"{path}/{step}", body or {}, patience),
            refusals={"accept": _ANSWERING, "decline": _ANSWERING, "reassign": _REASSIGNING}.get(step, _ENDING),
        )
        if answer is not None and answer.is_success:
            self._promises.told(booking_id, answer.json()["booking"]["status"])
            return True
        if times > 1:  # one that got no answer may have been the one that was carried out
            self._promises.left_open(booking_id, STATUS_AFTER[step])
        return False

    def _take_both(self, booking: Mapping[str, Any], customer: Person, therapist: Person) -> None:
        """Let the customer cancel while the therapist accepts: who is first may be overtaken, nobody is half done."""
        with ThreadPoolExecutor(max_workers=2) as threads:
            accepted = threads.submit(self._take, booking, "accept", therapist)
            cancelled = threads.submit(self._take, booking, "cancel", customer)
        if cancelled.result():
            self._promises.told(booking["bookingId"], "cancelled")
        elif accepted.result():
            self._promises.told(booking["bookingId"], "confirmed", "cancelled")

    # Talking ----------------------------------------------------------------------------------------------

    def _talk(self, booking: Mapping[str, Any], customer: Person, therapist: Person, messages: int) -> None:
        room_id = booking["chatRoomId"]
        if messages and self._dice.random() < 0.2:  # noqa: PLR2004 - now and then
            with suppress(WebSocketException, OSError, TimeoutError, AssertionError), customer.connected() as socket:
                self._log.count(over_sockets=1)
                for _ in range(messages):
                    self._send(room_id, customer, socket)
            return
        for _ in range(messages):
            self._send(room_id, self._dice.choice((customer, therapist)))
            if self._dice.random() < 0.3:  # noqa: PLR2004 - now and then
                self._read(room_id, self._dice.choice((customer, therapist)))

    def _send(self, room_id: str, sender: Person, socket: Socket | None = None) -> None:
        message_id, text = secrets.token_hex(8), f"words {secrets.token_hex(4)}"
        self._promises.sending(room_id, message_id)
        message = {"clientMessageId": message_id, "message": text}
        if socket is not None:
            with suppress(WebSocketException, OSError, TimeoutError):
                frame = {"action": "sendMessage", "conversationId": room_id, **message}
                with self._people.turns:
                    ack = socket.ask(frame, within=_FRAME_SECONDS)
                if ack["type"] == "ack":
                    self._promises.acknowledged(room_id, message_id, ack["sequence"], text)
        sent, _ = self._say(
            "send",
            lambda patience: _post(sender, f"/rooms/{room_id}/messages", message, patience),
            refusals=_TALKING,
        )
        if sent is not None and sent.is_success:
            self._promises.acknowledged(room_id, message_id, sent.json()["sequence"], text)

    def _read(self, room_id: str, reader: Person) -> None:
        self._say("read", lambda patience: _post(reader, f"/rooms/{room_id}/read", {"sequence": 10_000}, patience))

    # Saying -----------------------------------------------------------------------------------------------

    def _order(self, therapist: Person) -> dict[str, Any]:
        few = self._dice.random() < 0.2  # noqa: PLR2004 - some numbers ask again and again
        body: dict[str, Any] = {
            "therapistId": therapist.user_id,
            "bookingType": "immediate",
            "duration": self._dice.choice((60, 90, 120)),
            "customerName": "Soak",
            "customerWhatsApp": f"0812{self._dice.randrange(20 if few else 10**8):08d}",
            "location": {"address": "Jalan Raya Ubud 8"},
            "confirmOtherPending": True,
        }
        if self._dice.random() < 0.6:  # noqa: PLR2004 - more of these find a free time
            day = utc_now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
                days=self._dice.randint(2, 25), hours=self._dice.randint(1, 9), minutes=15 * self._dice.randrange(4)
            )
            body |= {"bookingType": "scheduled", "scheduledTime": format_utc(day)}
        if self._dice.random() < 0.3:  # noqa: PLR2004 - now and then
            body["discountCode"] = self._dice.choice(self._people.codes)
        return body

    def _say(
        self, what: str, request: Request, *, refusals: frozenset[str] = frozenset()
    ) -> tuple[httpx.Response | None, int]:
        """Say something until it is answered by other than a failure, if it ever is; tell how often it was said."""
        for attempt in range(TRIES):
            hurries = not attempt and self._dice.random() < _OUT_OF_PATIENCE
            patience = self._dice.uniform(*_IMPATIENT_SECONDS) if hurries else None
            try:
                with self._people.turns:
                    began = time.monotonic()
                    response = request(patience)
            except httpx.HTTPError:
                self._log.count(not_waited_for=hurries)
            else:
                self._log.note(response, time.monotonic() - began, what, refusals)
                if response.status_code < _SERVER_ERROR:
                    return response, attempt + 1
            self._log.count(repeats=1)
            time.sleep(self._dice.uniform(0.1, 0.5) * (attempt + 1))
        self._log.count(given_up=1)
        return None, TRIES


def _post(
    by: Person, path: str, body: Mapping[str, Any], patience: float | None, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    options: dict[str, Any] = {} if patience is None else {"timeout": patience}
    return by.request("POST", path, json=dict(body), headers=dict(headers or {}), **options)
