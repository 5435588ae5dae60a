"""`make soak`: a busy day against the running system, whose function workers are killed all the while, then the audit.

Customers and therapists of its own book, answer, talk, cancel and complete at random, at most 24 requests at
once. Whoever gets no answer, or a 5xx, says the same again, as a client does. What was acknowledged is kept
and judged together with every row at the end: nothing lost, nothing doubled, nothing half done.
"""

import argparse
import random
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, final
from urllib.parse import urlsplit

import boto3
import httpx

from local import demo_data, person, workers
from local.outputs import Outputs, User, read_outputs
from local.person import Person
from local.tables_read import Stack
from local.verify import report_of
from marketplace.clock import utc_now, written
from marketplace.domain.invariants import Violation
from marketplace.domain.invariants.catalogue import check_all
from marketplace.domain.invariants.rooms import ACKNOWLEDGED
from marketplace.resilience import Dependency
from marketplace.storage.catalogue import Catalogue
from marketplace.storage.store import Store

AT_ONCE: Final = 16
"""Lives lived side by side; with what the functions call themselves this keeps within the emulator's threads."""
THERAPISTS: Final = 12
CUSTOMERS: Final = 12
SECONDS_BETWEEN_KILLS: Final = 5.0
SECONDS_BETWEEN_ARRIVALS: Final = 1.0
TRIES: Final = 8
QUIET_SECONDS: Final = 20.0
_SERVER_ERROR: Final = 500

type Dice = random.Random


@final
@dataclass(slots=True)
class Log:
    """What has happened, written by many threads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    repeats: int = 0
    kills: int = 0
    unanswered: int = 0

    def note(self, status: int, seconds: float) -> None:
        """Note an answer."""
        with self.lock:
            self.answers[f"{status // 100}xx" if status >= _SERVER_ERROR else str(status)] += 1
            self.seconds.append(seconds)


@final
class Life:
    """One thread's part of the day: a customer and a therapist at a time, until the end."""

    def __init__(self, log: Log, customers: Sequence[Person], therapists: Sequence[Person], dice: Dice) -> None:
        """Live with these people by these dice."""
        self._log = log
        self._customers = customers
        self._therapists = therapists
        self._dice = dice

    def live(self) -> None:
        """Book, and let whatever comes of it come."""
        customer, therapist = self._dice.choice(self._customers), self._dice.choice(self._therapists)
        body = self._order(therapist)
        booked = self._say(lambda headers: customer.post("/bookings", body, headers=headers), key=secrets.token_hex(8))
        if booked is None or booked.status_code != 201:  # noqa: PLR2004 - created
            return
        booking = booked.json()["booking"]
        path = f"/bookings/{booking['bookingId']}"
        self._talk(booking, customer, therapist, self._dice.randint(0, 4))
        answer = self._dice.choice(("accept", "accept", "accept", "decline", "cancel", "nothing"))
        if answer == "cancel":
            self._say(lambda headers: customer.post(f"{path}/cancel", {}, headers=headers))
        elif answer != "nothing":
            self._say(lambda headers: therapist.post(f"{path}/{answer}", {}, headers=headers))
        if answer != "accept":
            return
        self._talk(booking, customer, therapist, self._dice.randint(0, 6))
        end = self._dice.choice(("complete", "complete", "cancel"))
        self._say(lambda headers: therapist.post(f"{path}/{end}", {}, headers=headers))

    def _talk(self, booking: Mapping[str, Any], customer: Person, therapist: Person, messages: int) -> None:
        room = f"/rooms/{booking['chatRoomId']}"
        for _ in range(messages):
            sender = self._dice.choice((customer, therapist))
            message = {"clientMessageId": secrets.token_hex(8), "message": f"words {secrets.token_hex(4)}"}
            sent = self._say(lambda headers: sender.post(f"{room}/messages", message, headers=headers))  # noqa: B023 - said within this turn
            if sent is not None and sent.is_success:
                promise = {
                    "conversationId": booking["chatRoomId"],
                    "clientMessageId": message["clientMessageId"],
                    "sequence": sent.json()["sequence"],
                    "message": message["message"],
                    "isRepeat": True,  # two threads may speak for one person, so their order says nothing
                }
                with self._log.lock:
                    self._log.acknowledged.append(promise)
            if self._dice.random() < 0.3:  # noqa: PLR2004 - now and then
                reader = self._dice.choice((customer, therapist))
                self._say(lambda headers: reader.post(f"{room}/read", {"sequence": 10_000}, headers=headers))  # noqa: B023 - said within this turn

    def _order(self, therapist: Person) -> dict[str, Any]:
        body: dict[str, Any] = {
            "therapistId": therapist.user_id,
            "bookingType": "immediate",
            "duration": self._dice.choice((60, 90, 120)),
            "customerName": "Soak",
            "customerWhatsApp": f"0812{self._dice.randrange(10**8):08d}",
            "location": {"address": "Jalan Raya Ubud 8"},
            "confirmOtherPending": True,
        }
        if self._dice.random() < 0.5:  # noqa: PLR2004 - every other one
            day = utc_now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
                days=self._dice.randint(2, 25), hours=self._dice.randint(1, 9), minutes=15 * self._dice.randrange(4)
            )
            body |= {"bookingType": "scheduled", "scheduledTime": written(day)}
        if self._dice.random() < 0.2:  # noqa: PLR2004 - now and then
            body["discountCode"] = "HEMAT10"
        return body

    def _say(self, request: Callable[[Mapping[str, str]], httpx.Response], key: str = "") -> httpx.Response | None:
        """Say something until it is answered by other than a failure; nothing if it never is."""
        for attempt in range(TRIES):
            began = time.monotonic()
            try:
                response = request({"Idempotency-Key": key} if key else {})
            except httpx.HTTPError:
                response = None
            if response is not None:
                self._log.note(response.status_code, time.monotonic() - began)
                if response.status_code < _SERVER_ERROR:
                    return response
            with self._log.lock:
                self._log.repeats += 1
            time.sleep(self._dice.uniform(0.1, 0.5) * (attempt + 1))
        with self._log.lock:
            self._log.unanswered += 1
        return None


@final
class Soak:
    """The whole day."""

    def __init__(self, outputs: Outputs, minutes: float) -> None:
        """Drive the system of these outputs for so long."""
        self._outputs = outputs
        self._minutes = minutes
        self._log = Log()
        self._over = threading.Event()
        self._emulator = workers.emulator_of(urlsplit(outputs.aws_endpoint_url).port or 0)

    def run(self) -> list[Violation]:
        """Live the day, print what it was like, and return what it broke."""
        print("people come in …", flush=True)
        therapists = [self._new_therapist() for _ in range(THERAPISTS)]
        customers = [person.guest(self._outputs) for _ in range(CUSTOMERS)]
        memory_before = self._memory()
        began = time.monotonic()
        threads = [
            threading.Thread(target=self._live, args=(customers, therapists, random.Random(seed)))  # noqa: S311 - dice
            for seed in range(AT_ONCE)
        ]
        threads.append(threading.Thread(target=self._kill))
        for thread in threads:
            thread.start()
            time.sleep(SECONDS_BETWEEN_ARRIVALS)  # workers start one by one
        self._over.wait(self._minutes * 60)
        self._over.set()
        for thread in threads:
            thread.join()
        lived = time.monotonic() - began
        for somebody in (*customers, *therapists):
            somebody.close()
        time.sleep(QUIET_SECONDS)  # the streams bring the last changes
        self._print(lived, memory_before)
        return self._violations()

    @property
    def answered(self) -> int:
        """How many requests have been answered."""
        return self._log.answers.total()

    def _live(self, customers: Sequence[Person], therapists: Sequence[Person], dice: Dice) -> None:
        life = Life(self._log, customers, therapists, dice)
        while not self._over.is_set():
            life.live()

    def _kill(self) -> None:
        while not self._over.wait(SECONDS_BETWEEN_KILLS):
            if self._emulator is not None and workers.kill_one(self._emulator):
                self._log.kills += 1

    def _violations(self) -> list[Violation]:
        stack = Stack(
            name=self._outputs.stack_name, session=self._session(), endpoint_url=self._outputs.aws_endpoint_url
        )
        tables = {**stack.read(), ACKNOWLEDGED: self._log.acknowledged}
        return check_all(tables)

    def _new_therapist(self) -> Person:
        therapist_id = f"t-soak-{secrets.token_hex(6)}"
        session = self._session()
        dynamodb = session.client("dynamodb", endpoint_url=self._outputs.aws_endpoint_url)
        catalogue = Catalogue(Store(Dependency("dynamodb", dynamodb), f"{self._outputs.stack_name}-"))
        catalogue.add_therapist(replace(demo_data.THERAPISTS[0], therapist_id=therapist_id, listed=None))
        user = User(role="therapist", username=therapist_id, password=f"Soak-{secrets.token_hex(12)}-1")
        cloudformation = session.client("cloudformation", endpoint_url=self._outputs.aws_endpoint_url)
        stack = cloudformation.describe_stacks(StackName=self._outputs.stack_name)["Stacks"][0]
        pool = next(each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == "UserPoolId")
        people = session.client("cognito-idp", endpoint_url=self._outputs.aws_endpoint_url)
        demo_data.add_user(people, user_pool_id=pool, user=user)
        return person.member(self._outputs, user)

    def _session(self) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator accepts anything
            region_name=self._outputs.region,
        )

    def _memory(self) -> float:
        return 0.0 if self._emulator is None else workers.resident_mebibytes(self._emulator)

    def _print(self, lived: float, memory_before: float) -> None:
        log = self._log
        answered, ordered = sum(log.answers.values()), sorted(log.seconds)
        middle, late = (ordered[int(len(ordered) * share)] if ordered else 0.0 for share in (0.5, 0.99))
        print(f"lived for:            {lived / 60:.1f} min, {AT_ONCE} lives at once")
        print(f"load held:            {answered} requests, {answered / lived:.1f} a second")
        print(f"answers:              {', '.join(f'{status} {n}' for status, n in sorted(log.answers.items()))}")
        print(f"time to answer:       median {middle * 1000:.0f} ms, 99 % within {late * 1000:.0f} ms")
        print(f"faults injected:      {log.kills} workers killed")
        print(f"said again:           {log.repeats} times, {log.unanswered} never answered")
        print(f"messages promised:    {len(log.acknowledged)}")
        print(f"emulator's memory:    {memory_before:.0f} MiB before, {self._memory():.0f} MiB after", flush=True)


def main() -> int:
    """Live the day; the exit code tells whether it broke anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10)
    chosen = parser.parse_args()
    try:
        outputs = read_outputs(chosen.outputs)
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run)", file=sys.stderr)
        return 2
    soak = Soak(outputs, chosen.minutes)
    found = soak.run()
    print(report_of(found))
    if not soak.answered:
        print("no request was answered: this has proven nothing", file=sys.stderr)
        return 2
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
