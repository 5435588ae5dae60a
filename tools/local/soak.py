"""`make soak`: a busy day against the running system, whose function workers are killed all the while, then the audit.

Customers, therapists and an admin of its own book, answer, talk, reassign, cancel and complete at random, at most 24
requests at once. Whoever gets no answer, or a 5xx, says the same again, as a client does. What was answered is kept
and judged together with every row at the end: nothing lost, nothing doubled, nothing half done.
"""

import random
import secrets
import statistics
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from copy import replace
from datetime import timedelta
from pathlib import Path
from typing import Final, final
from urllib.parse import urlsplit

import boto3

from marketplace.catalogue.discount.model import DiscountCode, DiscountKind
from marketplace.catalogue.repository import Catalogue
from marketplace.operations.invariants import Tables, Violation
from marketplace.operations.invariants.catalogue import check_all
from marketplace.operations.invariants.life import PUBLISHED_WITHIN
from marketplace.platform.caller import Duty
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.resilience import Dependency
from tools.command_line import OneLineParser
from tools.local import demo_data, person, workers
from tools.local.outputs import Outputs, User, read_outputs
from tools.local.person import Person
from tools.local.soaking.busy_day import Life, Log, People
from tools.local.soaking.promises import NAME, Promises
from tools.local.tables_read import Stack
from tools.ops.redrive import Redrive
from tools.ops.verify import report_of

AT_ONCE: Final = 20
"""Lives lived side by side; some say two things at once."""
REQUESTS_AT_ONCE: Final = 24
"""With what the functions call themselves this keeps within the emulator's threads."""
THERAPISTS: Final = 12
CUSTOMERS: Final = 12
SECONDS_BETWEEN_KILLS: Final = (2.0, 6.0)
SECONDS_BETWEEN_ARRIVALS: Final = 0.5
SECONDS_BETWEEN_LOOKS: Final = 5.0
SECONDS_TO_SETTLE: Final = 90.0
"""How long nothing may get better, while the streams bring the last changes, before what is broken is broken."""
SECONDS_OF_BEFORE: Final = 15.0
"""The same for what others did before the day begins."""
SECONDS_BEYOND: Final = timedelta(seconds=1)
GROWTH_AT_MOST: Final = 8.0
"""MiB that the ordinary worker may grow by once it is warm."""


@final
class Soak:
    """The whole day."""

    def __init__(self, outputs: Outputs, minutes: float) -> None:
        """Drive the system of these outputs for so long."""
        self._outputs = outputs
        self._minutes = minutes
        self._log, self._promises = Log(), Promises()
        self._over = threading.Event()
        self._broken_off: list[str] = []
        self._stood_before: frozenset[tuple[str, str]] = frozenset()
        """What was broken already, by invariant and key, and is not held against this day."""
        self._stack = Stack(name=outputs.stack_name, session=self._session(), endpoint_url=outputs.aws_endpoint_url)
        emulator = workers.emulator_of(urlsplit(outputs.aws_endpoint_url).port or 0)
        if emulator is None:
            raise LookupError
        self._emulator = emulator
        self._memory = workers.MemoryWatch(emulator)
        self.kills = 0
        self._put_aside = 0
        self._staying: Sequence[str] = ()
        self._stayed_before: frozenset[str] = frozenset()
        """What was put aside already and cannot be told, likewise."""

    def run(self) -> list[Violation]:
        """Live the day, print what it was like, and return what it broke."""
        print("what happened before is told …", flush=True)
        stood, _ = self._settled(SECONDS_OF_BEFORE)
        self._stood_before = frozenset((each.invariant, each.key) for each in stood)
        self._stayed_before = frozenset(Redrive(self._stack).run().staying)
        print("people come in …", flush=True)
        people = self._people()
        self._promises.customers |= {customer.user_id for customer in people.customers}
        emulator_before = workers.resident_mebibytes(self._emulator)
        began = time.monotonic()
        lives = [
            self._thread(self._live, Life(people, self._log, self._promises, random.Random(seed)))  # noqa: S311 - dice
            for seed in range(AT_ONCE)
        ]
        for thread in (lookers := [self._thread(self._kill), self._thread(self._look)]):
            thread.start()
        for thread in lives:
            thread.start()
            time.sleep(SECONDS_BETWEEN_ARRIVALS)  # workers start one by one
        self._over.wait(max(0.0, self._minutes * 60 - (time.monotonic() - began)))
        self._over.set()
        for thread in (*lives, *lookers):
            thread.join()
        lived = time.monotonic() - began
        for somebody in (*people.customers, *people.therapists, people.admin):
            somebody.close()
        print("the last changes are told …", flush=True)
        found, tables = self._judged()
        self._print(lived, emulator_before, sum(len(rows) for rows in tables.values()))
        return [*found, *self._complaints()]

    @property
    def answered(self) -> int:
        """How many requests have been answered."""
        return self._log.answers.total()

    def _thread(self, act: Callable[..., None], *arguments: object) -> threading.Thread:
        def noting_its_end() -> None:
            try:
                act(*arguments)
            except Exception as error:  # noqa: BLE001 - whatever it is, a day that broke off has proven nothing
                traceback.print_exception(error)
                self._broken_off.append(f"{act.__name__.removeprefix('_')} broke off: {error!r}")

        return threading.Thread(target=noting_its_end)

    def _live(self, life: Life) -> None:
        while not self._over.is_set():
            life.live()

    def _kill(self) -> None:
        """Kill now a worker that is at work, now any."""
        at_work = True
        while not self._over.wait(random.uniform(*SECONDS_BETWEEN_KILLS)):  # noqa: S311 - any time will do
            self.kills += workers.kill_one(self._emulator, at_work=at_work)
            at_work = not at_work

    def _look(self) -> None:
        while not self._over.wait(SECONDS_BETWEEN_LOOKS):
            self._memory.look()

    def _judged(self) -> tuple[list[Violation], Tables]:
        """Return what this day has broken, and the tables in which it is.

        What was put aside is brought to its function again, as a person would.
        """

        def redrive() -> None:
            outcome = Redrive(self._stack).run()
            self._put_aside += len(outcome.done)
            self._staying = [message for message in outcome.staying if message not in self._stayed_before]

        return self._settled(SECONDS_TO_SETTLE, promises=self._promises, meanwhile=redrive)

    def _settled(
        self, seconds: float, promises: Promises | None = None, meanwhile: Callable[[], None] = lambda: None
    ) -> tuple[list[Violation], Tables]:
        """Return what is broken once everything has settled, and the tables in which it is.

        The streams may lag behind; they are waited for as long as they get on, and so many ``seconds`` more.
        """
        least, since = sys.maxsize, time.monotonic()
        while True:
            # Judged as of when every change must have been told, so that none of the last minutes is spared.
            tables = replace(self._stack, as_of=utc_now() + PUBLISHED_WITHIN + SECONDS_BEYOND).read()
            found: list[Violation] = []
            if promises is not None:
                tables = promises.beside(tables)
                found += promises.broken(tables)
            found += [each for each in check_all(tables) if (each.invariant, each.key) not in self._stood_before]
            if len(found) < least:
                least, since = len(found), time.monotonic()
            if not found or time.monotonic() - since > seconds:
                return found, tables
            time.sleep(SECONDS_BETWEEN_LOOKS)
            meanwhile()

    def _complaints(self) -> list[Violation]:
        """Return what was wrong with the answers themselves, the workers, or this day."""
        log, complaints = self._log, list(self._broken_off)
        complaints += [f"{times} answers that have no place here: {words}" for words, times in log.unexpected.items()]
        failed = sum(times for words, times in log.answers.items() if words.startswith("500"))
        if failed > self.kills:
            complaints.append(f"{failed} requests failed, and {self.kills} workers were killed")
        if log.given_up:
            complaints.append(f"{log.given_up} requests were never answered, however often repeated")
        complaints += [f"put aside and not to be told: {message}" for message in self._staying]
        if self._growth() > GROWTH_AT_MOST:
            complaints.append(f"workers grow by {self._growth():.1f} MiB")
        return [Violation(NAME, "the day", complaint) for complaint in complaints]

    def _growth(self) -> float:
        """Return by how many MiB the ordinary worker grew."""
        return statistics.median(self._memory.growth().values() or [0.0])

    # Who takes part -----------------------------------------------------------------------------------------

    def _people(self) -> People:
        session, endpoint = self._session(), self._outputs.aws_endpoint_url
        dynamodb = session.client("dynamodb", endpoint_url=endpoint)
        store = Store(Dependency("dynamodb", dynamodb), f"{self._outputs.stack_name}-")
        catalogue = Catalogue(store)
        mark = secrets.token_hex(3)
        demo_data.add_staff(store, {f"a-soak-{mark}": Duty.OPERATIONS})
        codes = [
            DiscountCode(discount_code=f"SOAK{mark}A".upper(), kind=DiscountKind.SHARE, value=1_000),
            DiscountCode(discount_code=f"SOAK{mark}B".upper(), kind=DiscountKind.AMOUNT, value=50_000, max_uses=20),
            DiscountCode(
                discount_code=f"SOAK{mark}C".upper(), kind=DiscountKind.SHARE, value=500, max_uses_per_customer=2
            ),
        ]
        for code in codes:
            catalogue.add_discount_code(code)
        therapist_ids = [f"t-soak-{mark}-{number}" for number in range(THERAPISTS)]
        for therapist_id in therapist_ids:
            catalogue.add_therapist(replace(demo_data.THERAPISTS[0], therapist_id=therapist_id, listed=None))
        return People(
            customers=[person.guest(self._outputs) for _ in range(CUSTOMERS)],
            therapists=[self._member("therapist", therapist_id) for therapist_id in therapist_ids],
            admin=self._member("admin", f"a-soak-{mark}"),
            codes=[code.discount_code for code in codes],
            turns=threading.Semaphore(REQUESTS_AT_ONCE),
        )

    def _member(self, role: str, user_id: str) -> Person:
        session, endpoint = self._session(), self._outputs.aws_endpoint_url
        cloudformation = session.client("cloudformation", endpoint_url=endpoint)
        stack = cloudformation.describe_stacks(StackName=self._outputs.stack_name)["Stacks"][0]
        pool = next(each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == "UserPoolId")
        user = User(role=role, username=user_id, password=f"Soak-{secrets.token_hex(12)}-1")
        people = session.client("cognito-idp", endpoint_url=endpoint)
        demo_data.add_user(people, user_pool_id=pool, user=user)
        return person.member(self._outputs, user)

    def _session(self) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator accepts anything
            region_name=self._outputs.region,
        )

    # What it was like ---------------------------------------------------------------------------------------

    def _print(self, lived: float, emulator_before: float, rows: int) -> None:
        log, promises = self._log, self._promises
        answered, ordered = self.answered, sorted(log.seconds)
        middle, late = (ordered[int(len(ordered) * share)] * 1000 if ordered else 0.0 for share in (0.5, 0.99))
        growth = self._memory.growth()
        emulator_after = workers.resident_mebibytes(self._emulator)
        report = {
            "lived for": f"{lived / 60:.1f} min, {AT_ONCE} lives at once",
            "who took part": f"{CUSTOMERS} customers, {THERAPISTS} therapists, 1 admin",
            "load held": f"{answered} requests, {answered / lived:.1f} a second; {log.over_sockets} sockets",
            "answers": ", ".join(f"{words}: {times}" for words, times in sorted(log.answers.items())),
            "time to answer": f"median {middle:.0f} ms, 99 % within {late:.0f} ms",
            "faults injected": f"{self.kills} workers killed, {log.not_waited_for} answers not waited for",
            "said again": f"{log.repeats} times, {log.given_up} never answered",
            "put aside": f"{self._put_aside} changes, told in the end by redrive",
            "promised": f"{len(promises.states)} bookings, {len(promises.messages)} messages",
            "rows judged": f"{rows}; {len(self._stood_before)} things were broken before",
            "workers' memory": f"{self._growth():+.1f} MiB in the middle, {max(growth.values(), default=0.0):+.1f} most"
            f" ({len(growth)} watched for {workers.WATCHED_SECONDS:.0f} s or more once warm)",
            "emulator's memory": f"{emulator_before:.0f} MiB before, {emulator_after:.0f} MiB after"
            " (it keeps every row, change and log line)",
        }
        for what, words in report.items():
            print(f"{what + ':':20}{words}", flush=True)


def main() -> int:
    """Live the day; the exit code tells whether it broke anything."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10)
    chosen = parser.parse_args()
    try:
        soak = Soak(read_outputs(chosen.outputs), chosen.minutes)
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run)", file=sys.stderr)
        return 2
    except LookupError:
        print("the emulator's processes cannot be seen from here: nobody could be killed", file=sys.stderr)
        return 2
    found = soak.run()
    print(report_of(found))
    if not soak.answered or not soak.kills:
        print("nothing was answered, or nobody killed: this has proven nothing", file=sys.stderr)
        return 2
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
