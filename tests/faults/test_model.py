"""A day at random: customers, therapists, an admin and the clock act, a small model says how each must be answered."""

from datetime import datetime, timedelta
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from marketplace.operations.invariants.catalogue import check_all
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from tests.faults.day_machine import MORNING, OTHERS, Machine, about, refuses
from tests.faults.expected_bookings import HOUR, PRICE, STEPS, WINDOW, Expected, Proposed, Rules, check_owed
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Answered, room_of

TIMES: Final = tuple(MORNING + timedelta(minutes=minutes) for minutes in (75, 120, 165, 240, 24 * 60 + 120))
NUMBERS: Final = {WAYAN.user_id: "+6281234567890", MADE.user_id: "+6281234567891"}
OPEN: Final = frozenset({"pending", "declined", "expired"})

customers, therapists = st.sampled_from([WAYAN, MADE]), st.sampled_from([AYU, BUDI])
picks = st.integers(0, 15)
times, parties = st.sampled_from(TIMES), st.sampled_from(["customer", "therapist"])


class Day(Machine):
    """Commands in any order, and after each of them every invariant."""

    @initialize(
        policy=st.builds(
            Rules,
            fee_bps=st.sampled_from([0, 5_000]),
            no_show_bps=st.sampled_from([0, 10_000]),
            has_code=st.booleans(),
            redispatch=st.sampled_from(["ask", "auto", "auto", "none"]),
        )
    )
    def somebody_watches(self, policy: Rules) -> None:
        assert self.market.connect(ADMIN, "connection-admin") == 200
        self.policy = policy
        self.market.expect(201, ADMIN, "POST", "/admin/policies", policy.as_body)
        self.market.forget_caches()
        for customer, therapist, to in ((WAYAN, AYU, None), (MADE, AYU, TIMES[2]), (MADE, BUDI, TIMES[1])):
            self.book(customer, therapist, to, is_agreed=True)

    # Bookings, and their answers --------------------------------------------------------------------------

    def _book(self, customer: Caller, therapist: Caller, to: datetime | None) -> Expected | None:
        agreed = {} if to is None else {"bookingType": "scheduled", "scheduledTime": format_utc(to)}
        number = NUMBERS[customer.user_id]
        body = self.market.order(therapist, customerWhatsApp=number, confirmOtherPending=True, **agreed)
        answer = self.market.call(customer, "POST", "/bookings", body)
        if not self.model.can_start(to):
            refuses(answer, 422, "validation_failed")
        elif self.model.is_rival(customer.user_id, therapist.user_id):
            refuses(answer, 409, "duplicate_booking")
        elif not self.model.is_free(therapist.user_id, self.model.stretch(to)):
            refuses(answer, 409, "slot_taken")
        else:
            assert answer.status == 201, answer
            booking_id = str(answer.body["booking"]["bookingId"])
            self.known[booking_id] = Expected(
                booking_id=booking_id,
                customer=customer.user_id,
                therapist=therapist.user_id,
                created_at=self.now,
                offered_at=self.now,
                deadline=self.now + WINDOW if to is None else min(self.now + WINDOW, to),
                scheduled=to,
            )
            return self.known[booking_id]
        return None

    @rule(customer=customers, therapist=therapists, to=st.one_of(st.none(), times), is_agreed=st.booleans())
    def book(self, customer: Caller, therapist: Caller, to: datetime | None, is_agreed: bool) -> None:  # noqa: FBT001 - drawn
        booking = self._book(customer, therapist, to)
        if booking is not None and is_agreed:
            self._answer(booking, "accept")

    @rule(pick=picks, step=st.sampled_from(["accept", "decline"]))
    @about(lambda day, each, **_: each.as_of(day.now) == "pending")
    def answer(self, booking: Expected, step: str) -> None:
        self._answer(booking, step)

    def _answer(self, booking: Expected, step: str) -> None:
        seen = booking.as_of(self.now)
        answer = self.command(booking, "therapist", step)
        if seen == "pending" and step == "accept":
            assert answer.status == 200, answer
            code = self.market.row("bookings", bookingId=booking.booking_id).get("startCode")
            assert (code is not None) is self.policy.has_code
            booking.confirm(self.now, None if code is None else str(code))
        elif seen == "pending":
            assert answer.status == 200, answer
            booking.end("declined", self.now)
        elif seen == "confirmed" and step == "accept":
            assert answer.status == 200, answer
        else:
            refuses(answer, 409, "deadline_passed" if seen == "expired" else "booking_not_pending")

    @rule(pick=picks, by=st.sampled_from(["customer", "therapist", "admin"]), said=st.integers(-1, 1))
    @about(lambda day, each, by, **_: each.may_be_cancelled(by, day.now))
    def cancel(self, booking: Expected, by: str, said: int) -> None:
        fee = booking.fee(by, self.policy, self.now)
        body = {"reason": "another plan", **({} if said < 0 else {"fee": fee + said})}
        answer = self.command(booking, by, "cancel", body)
        if not booking.may_be_cancelled(by, self.now):
            refuses(answer, 409, "invalid_transition")
        elif said > 0:
            refuses(answer, 409, "quote_stale")
        else:
            assert answer.status == 200, answer
            assert answer.body["booking"]["cancellationFee"] == fee
            booking.end("cancelled", self.now, ended_by=by, fee=fee)

    # The visit --------------------------------------------------------------------------------------------

    @rule(pick=picks, by=st.sampled_from(["therapist", "admin"]))
    @about(lambda day, each, **_: each.may_be_completed(day.now))
    def complete(self, booking: Expected, by: str) -> None:
        answer = self.command(booking, by, "complete")
        if not booking.may_be_completed(self.now):
            refuses(answer, 409, "invalid_transition")
        elif by == "therapist" and booking.needs_code():
            refuses(answer, 422, "validation_failed")
        else:
            assert answer.status == 200, answer
            booking.end("completed", self.now)

    @rule(pick=picks, step=st.sampled_from(STEPS), knows_code=st.sampled_from([True, True, False, None]))
    @about(lambda day, each, step, **_: each.may_go_on_to(step, day.now))
    def take_step(self, booking: Expected, step: str, knows_code: bool | None) -> None:  # noqa: FBT001 - drawn
        is_repeat = booking.step == step and booking.status in {"confirmed", "completed"}
        is_asked = booking.may_go_on_to(step, self.now) and booking.needs_code() and step in {"started", "finished"}
        if is_asked and booking.code_tries == 5:
            return  # five an hour; what is beyond has its own test
        booking.code_tries += is_asked and knows_code is not None
        code = booking.start_code or "0000"
        given = code if knows_code else f"{(int(code) + 1) % 10_000:04d}"
        body = {"step": step} if knows_code is None else {"step": step, "startCode": given}
        answer = self.command(booking, "therapist", "visit", body)
        if is_repeat:
            assert answer.status == 200, answer
        elif not booking.may_go_on_to(step, self.now):
            refuses(answer, 409, "invalid_transition")
        elif is_asked and not knows_code:
            refuses(answer, 422, "validation_failed")
        else:
            assert answer.status == 200, answer
            booking.step = step
            booking.was_started = booking.was_started or step == "started"
            if step == "finished":
                booking.end("completed", self.now)
            else:
                booking.messages += 1

    @rule(pick=picks, by=parties)
    @about(lambda day, each, by, **_: each.may_be_missed(by, day.now))
    def report_no_show(self, booking: Expected, by: str) -> None:
        answer = self.command(booking, by, "no-show")
        if not booking.may_be_missed(by, self.now):
            refuses(answer, 409, "invalid_transition")
            return
        assert answer.status == 200, answer
        absent = "therapist" if by == "customer" else "customer"
        fee = PRICE * self.policy.no_show_bps // 10_000 if absent == "customer" else 0
        booking.end("no_show", self.now, ended_by=absent, fee=fee)

    # Another time -----------------------------------------------------------------------------------------

    def _is_moved(self, booking: Expected, to: datetime, answer: Answered) -> bool:
        """Say whether a time that a command asks for must be given."""
        if not self.model.can_start(to):
            refuses(answer, 422, "validation_failed")
        elif not self.model.is_free(booking.therapist, self.model.stretch(to), but=booking.booking_id):
            refuses(answer, 409, "slot_taken")
        else:
            assert answer.status == 200, answer
            return True
        return False

    @rule(pick=picks, by=st.sampled_from(["customer", "admin"]), to=times)
    @about(lambda day, each, by, **_: each.may_be_rescheduled(by, day.now))
    def reschedule(self, booking: Expected, by: str, to: datetime) -> None:
        answer = self.command(booking, by, "reschedule", {"scheduledTime": format_utc(to)})
        is_pending = booking.as_of(self.now) == "pending"
        if not booking.may_be_rescheduled(by, self.now):
            refuses(answer, 409, "invalid_transition")
        elif self._is_moved(booking, to, answer):
            booking.move(to)
            if is_pending:
                booking.offered_at, booking.deadline = self.now, min(self.now + WINDOW, to)

    @rule(pick=picks, by=parties, to=times)
    @about(lambda day, each, **_: each.is_movable(day.now) and not each.open_proposal(day.now))
    def propose(self, booking: Expected, by: str, to: datetime) -> None:
        answer = self.command(booking, by, "proposal", {"scheduledTime": format_utc(to)})
        if not booking.is_movable(self.now) or booking.open_proposal(self.now):
            refuses(answer, 409, "invalid_transition")
        elif to == booking.scheduled:
            refuses(answer, 422, "validation_failed")
        elif self._is_moved(booking, to, answer):
            until = min(self.now + WINDOW, booking.starts_at, to)
            booking.proposal = Proposed(to=to, by=by, until=until)
            booking.messages += 1

    @rule(pick=picks, verb=st.sampled_from(["accept", "accept", "decline", "withdraw"]), is_theirs=picks)
    @about(lambda day, each, **_: each.is_movable(day.now) and each.open_proposal(day.now))
    def answer_proposal(self, booking: Expected, verb: str, is_theirs: int) -> None:
        proposal = booking.open_proposal(self.now)
        proposer = "customer" if proposal is None else proposal.by
        other = "therapist" if proposer == "customer" else "customer"
        by = proposer if (verb == "withdraw") is (is_theirs % 4 > 0) else other
        answer = self.command(booking, by, f"proposal/{verb}")
        if proposal is None or not booking.may_be_answered(by, verb, self.now):
            refuses(answer, 409, "invalid_transition")
            return
        assert answer.status == 200, answer
        booking.move(proposal.to if verb == "accept" else booking.starts_at)

    # Somebody else ----------------------------------------------------------------------------------------

    @rule(pick=picks, therapist=therapists)
    @about(lambda day, each, **_: each.as_of(day.now) in OPEN)
    def reassign(self, booking: Expected, therapist: Caller) -> None:
        seen = booking.as_of(self.now)
        answer = self.market.command(ADMIN, booking.booking_id, "reassign", {"therapistId": therapist.user_id})
        is_asked = seen == "pending" and therapist.user_id == booking.therapist
        is_past = booking.scheduled is not None and self.now >= booking.scheduled
        if seen not in OPEN or is_asked or is_past:
            refuses(answer, 409, "invalid_transition")
        elif self.model.is_takeable(booking, therapist.user_id, booking.scheduled):
            assert answer.status == 200, answer
            booking.offer(therapist.user_id, booking.scheduled, self.now)
        else:
            assert answer.status in {409, 422}, answer

    @rule(pick=picks, therapist=therapists, is_known_price=st.sampled_from([True, True, False]))
    @about(lambda day, each, **_: each.lets_choose_another(day.now))
    def redispatch(self, booking: Expected, therapist: Caller, is_known_price: bool) -> None:  # noqa: FBT001 - drawn
        body = {"therapistId": therapist.user_id, "price": PRICE if is_known_price else PRICE - 1}
        answer = self.command(booking, "customer", "redispatch", body)
        start = booking.start_anew(self.now)
        if self.policy.redispatch == "none":
            refuses(answer, 403, "forbidden")
        elif not booking.lets_choose_another(self.now):
            refuses(answer, 409, "invalid_transition")
        elif not (is_known_price and self.model.is_takeable(booking, therapist.user_id, start)):
            assert answer.status in {409, 422}, answer
        else:
            assert answer.status == 200, answer
            booking.offer(therapist.user_id, start, self.now)
            booking.looking_since, booking.asked = None, []

    @rule(pick=picks)
    @about(lambda day, each, **_: each.lets_choose_another(day.now))
    def who_else(self, booking: Expected) -> None:
        path = f"/bookings/{booking.booking_id}/alternatives"
        items = self.market.expect(200, self.caller(booking, "customer"), "GET", path)["items"]
        shown = {each["therapistId"] for each in items}
        could = {
            each
            for each in (AYU.user_id, BUDI.user_id, *OTHERS)
            if booking.lets_choose_another(self.now)
            and each != booking.therapist
            and self.model.is_takeable(booking, each, booking.start_anew(self.now))
        }
        assert shown <= could
        assert len(shown) == min(3, len(could))

    # Talk, and time ---------------------------------------------------------------------------------------

    @rule(pick=picks, by=parties, again=st.booleans())
    @about(lambda day, each, **_: each.takes_messages(day.now))
    def say(self, booking: Expected, by: str, again: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        caller = self.caller(booking, by)
        self.sent += 1
        answers = [
            self.market.send(caller, booking.booking_id, f"words {self.sent}", f"m-{self.sent}")
            for _ in range(1 + again)
        ]
        if booking.takes_messages(self.now):
            booking.messages += 1
            assert {answer.body["sequence"] for answer in answers} == {booking.messages}
        else:
            for answer in answers:
                refuses(answer, 409, "room_closed")

    @rule(pick=picks, sequence=st.integers(1, 30))
    @about(lambda day, each, **_: each.takes_messages(day.now))
    def read(self, booking: Expected, sequence: int) -> None:
        path = f"/rooms/{room_of(booking.booking_id)}/read"
        answer = self.market.call(self.caller(booking, "therapist"), "POST", path, {"sequence": sequence})
        assert answer.status == 200, answer
        assert answer.body["unreadCount"] == booking.messages - answer.body["sequence"]

    @rule(minutes=st.sampled_from([1, 5, 14, 16, 55, 100]))
    def time_passes(self, minutes: int) -> None:
        self._let_it_be(self.now + timedelta(minutes=minutes))

    @rule(place=st.integers(0, 3))
    def something_is_due(self, place: int) -> None:
        """Let it be the very instant of a deadline, a beginning or an end."""
        ahead = sorted({due for each in self.known.values() for due in each.instants() if due > self.now})
        if ahead:
            self._let_it_be(ahead[place % len(ahead)])

    def _let_it_be(self, now: datetime) -> None:
        """Let time pass; not so much that what nobody answered waits a day for a sweep."""
        self.market.now = now
        if any(each.status == "pending" and now >= each.deadline + timedelta(hours=20) for each in self.known.values()):
            self._sweep()

    @rule(work=st.sampled_from(["expire", "visits", "visits", "publish", "publish twice"]))
    def machinery_runs(self, work: str) -> None:
        match work:
            case "expire":
                self._sweep()
            case "visits":
                self._sweep_visits()
            case _:
                self._publish(1 + (work == "publish twice"))

    def _sweep(self) -> None:
        due = [each for each in self.known.values() if each.status == "pending" and each.as_of(self.now) == "expired"]
        assert self.market.sweep() == {"due": len(due), "expired": len(due)}
        for booking in due:
            booking.end("expired", self.now)

    def _sweep_visits(self) -> None:
        """Let the clock close visits and proposals; whom the marketplace asks by itself is judged, not foretold."""
        self.market.invoke("sweep_visits", {})
        for booking in self.known.values():
            row = self.market.row("bookings", bookingId=booking.booking_id)
            is_over = booking.status == "confirmed" and self.now >= booking.starts_at + HOUR + HOUR
            if booking.proposal is not None and booking.status == "confirmed" and not booking.open_proposal(self.now):
                room = self.market.row("chat_rooms", conversationId=room_of(booking.booking_id))
                if not is_over or int(room["lastSequence"]) == booking.messages + 2:  # either may come first
                    booking.messages += 1
                booking.proposal = None
            if is_over:
                assert row["completedBy"] == "system"
                booking.end("completed", self.now)
            elif booking.status in {"declined", "expired", "cancelled", "no_show"} and row["status"] == "pending":
                self._is_asked(booking, str(row["therapistId"]))

    def _is_asked(self, booking: Expected, therapist: str) -> None:
        """Judge an offer that the marketplace made by itself, which no command says."""
        assert self.policy.redispatch == "auto"
        assert booking.lets_choose_another(self.now)
        start = booking.start_anew(self.now)
        assert self.model.is_takeable(booking, therapist, start)
        booking.look_further(therapist, self.now)
        booking.offer(therapist, start, self.now)

    def _publish(self, times: int) -> None:
        changes = list(self.market.changes)
        self.market.changes.clear()
        for _ in range(times):
            self.market.publish(changes)

    @invariant()
    def nothing_is_broken_and_everybody_sees_what_the_model_says(self) -> None:
        if self.is_idle:
            self.is_idle = False
            return
        tables = self.market.tables()
        if self.market.changes:
            for follower in ("history", "deliveries"):  # they follow the rows by a stream
                tables.pop(follower)
        found = check_all(tables)
        assert not found, found
        stored = {row["bookingId"]: row for row in tables["bookings"]}
        records = {row["bookingId"]: row for row in tables["commission_records"]}
        assert stored.keys() == self.known.keys()
        assert records.keys() == {each.booking_id for each in self.known.values() if each.owed is not None}
        for booking in self.known.values():
            row = stored[booking.booking_id]
            assert (row["status"], row["therapistId"]) == (booking.status, booking.therapist)
            assert row.get("scheduledTime") == (booking.scheduled and format_utc(booking.scheduled))
            if booking.owed is not None:
                check_owed(booking, records[booking.booking_id])


Day.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_a_day_at_random_breaks_nothing = Day.TestCase
