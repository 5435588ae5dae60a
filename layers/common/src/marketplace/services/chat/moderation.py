"""What people do who do not feel safe, and what staff does about it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.chat.rows import blocking_room, changing_message, revising_room
from marketplace.moderation.blocks import changing_block
from marketplace.moderation.report import ANSWERED_WITHIN, Outcome, Report, ReportStatus
from marketplace.moderation.repository import Reports, saving_report
from marketplace.notification.announcement import Notice
from marketplace.notification.repository import ADMINS_BOX, adding_notice
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller, Role
from marketplace.platform.dynamodb.actions import Action, ConditionRefused, TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import FieldError, InvalidTransition, NotFound, ValidationFailed
from marketplace.services.catalogue.desk import TherapistCommands
from marketplace.services.notification.delivery import Delivery, best_effort

HELP_AFTER_END: Final = timedelta(hours=2)
"""How long after the planned end of a visit its parties can call for help."""


@final
class Moderation:
    """Blocks, reports and calls for help."""

    def __init__(
        self,
        store: Store,
        *,
        rooms: Rooms,
        reports: Reports,
        therapists: Callable[[], TherapistCommands],
        delivery: Callable[[], Delivery],
    ) -> None:
        """Write to ``store``; ``therapists`` suspends, ``delivery`` tells who is connected."""
        self._store = store
        self._rooms = rooms
        self._reports = reports
        self._therapists = therapists
        self._delivery = delivery

    def block(self, conversation_id: str, *, by: Caller, now: datetime, blocked: bool) -> Room:
        """Let the other party write nothing more and make no booking, or lift that; again, it stays so.

        The row of the two people and this room change together; their other rooms follow.

        Raises:
            NotFound: no such room for this caller.
        """
        room, _, role = self._rooms.load(conversation_id, by)
        if room.is_blocked_by(role) is not blocked:
            try:
                self._store.transact(
                    [
                        changing_block(room.customer_id, room.therapist_id, role, blocked=blocked),
                        blocking_room(room, role, blocked=blocked),
                        record_change(
                            conversation_id,
                            action="blocked" if blocked else "unblocked",
                            before=None,
                            after={"blockedBy": role.value},
                            by=by,
                            now=now,
                            version=1,
                        ),
                    ]
                )
            except TransactionRefused:  # the room passed to another therapist meanwhile
                raise NotFound from None
        for other in self._other_rooms(room, by):
            if other.is_blocked_by(role) is not blocked:
                try:
                    self._store.write(blocking_room(other, role, blocked=blocked))
                except ConditionRefused:
                    continue
        return room.blocked(role, blocked=blocked)

    def report(  # noqa: PLR0913 - what is reported, why, by whom and when
        self,
        report_id: str,
        *,
        conversation_id: str | None,
        booking_id: str | None,
        sequence: int | None,
        reason: str,
        text: str | None,
        by: Caller,
        now: datetime,
    ) -> Report:
        """File a report about the other party; the same id again finds it filed.

        Raises:
            NotFound: no such room or booking for this caller.
            ValidationFailed: the room has no such message, or is another booking's.
        """
        room_id = conversation_id or identifiers.room_id(booking_id or "")
        room, booking, role = self._rooms.load(room_id, by)
        if booking_id is not None and booking_id != booking.booking_id:
            complaint = "This is not the booking of that room."
            raise ValidationFailed((FieldError("bookingId", complaint),))
        if sequence is not None and sequence > room.last_sequence:
            complaint = "There is no such message in this room."
            raise ValidationFailed((FieldError("sequence", complaint),))
        is_customer = role is Role.CUSTOMER
        report = Report(
            report_id=report_id,
            status=ReportStatus.OPEN,
            booking_id=booking.booking_id,
            conversation_id=room.conversation_id,
            sequence=sequence,
            reason=reason,
            text=text,
            reporter_id=by.user_id,
            reporter_role=role,
            concerns_id=room.therapist_id if is_customer else room.customer_id,
            concerns_role=Role.THERAPIST if is_customer else Role.CUSTOMER,
            created_at=now,
            due_at=now + ANSWERED_WITHIN,
        )
        try:
            self._store.transact([saving_report(report), self._noting(report, "report_filed", by, now)])
        except TransactionRefused:
            return self._reports.get(report_id)
        return report

    def claim(self, report_id: str, *, by: Caller, now: datetime) -> Report:
        """Take a report into one's hands.

        Raises:
            NotFound: there is no such report.
            InvalidTransition: it is in somebody's hands, or resolved.
        """

        def attempt() -> Report | None:
            report = self._reports.get(report_id).claim(by=by, now=now)
            return self._saved([saving_report(report), self._noting(report, "report_claimed", by, now)], report)

        return retry_on_conflict(attempt)

    def resolve(self, report_id: str, action: Outcome, note: str, *, by: Caller, now: datetime) -> Report:
        """Say what a report has led to, do it, and tell both parties.

        Raises:
            NotFound: there is no such report.
            InvalidTransition: it is resolved, or what is to be done cannot be: no message is named to be hidden, or
                the one to be suspended is no therapist.
        """

        def attempt() -> Report | None:
            before = self._reports.get(report_id)
            report = before.resolve(action, note, by=by, now=now)
            actions: list[Action] = [saving_report(report), self._noting(report, "report_resolved", by, now)]
            actions += [adding_notice(notice, now, report.version) for notice in _notices_of(report)]
            hidden: tuple[Room, Message, Booking] | None = None
            match action:
                case Outcome.HIDE:
                    hiding, hidden = self._hiding(report, by, now)
                    actions += hiding
                case Outcome.SUSPEND if report.concerns_role is not Role.THERAPIST:
                    raise InvalidTransition
                case Outcome.SUSPEND:
                    # First: it may be repeated, and a report that says so must not be ahead of it.
                    self._therapists().suspend(report.concerns_id, reason=note, by=by, now=now)
                case Outcome.NONE | Outcome.WARN:
                    pass
            if self._saved(actions, report) is None:
                return None
            if hidden is not None:
                room, message, booking = hidden
                best_effort(lambda: self._delivery().change(message, room, booking))
            return report

        return retry_on_conflict(attempt)

    def call_for_help(  # noqa: PLR0913 - who is where and says what
        self,
        booking_id: str,
        *,
        latitude: float | None,
        longitude: float | None,
        text: str | None,
        by: Caller,
        now: datetime,
    ) -> Booking:
        """Call the staff to a visit; what is written rings at every admin and at the alarm topic.

        Raises:
            NotFound: no such booking for this caller.
            InvalidTransition: the visit is not confirmed, or has been over for two hours.
        """
        room, booking, role = self._rooms.load(identifiers.room_id(booking_id), by)
        ends_at = booking.planned_end
        is_confirmed = booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW}
        if not is_confirmed or ends_at is None or now >= ends_at + HELP_AFTER_END:
            raise InvalidTransition(booking.as_of(now).status)
        notice = Notice(
            user_id=ADMINS_BOX,
            role=Role.ADMIN,
            kind="sos",
            booking_id=booking_id,
            conversation_id=room.conversation_id,
            sound=True,
            parameters={
                "actorRole": role.value,
                "customerName": room.customer_name,
                "therapistName": room.therapist_name,
                "latitude": latitude,
                "longitude": longitude,
                "sosText": text,
            },
        )
        noting = record_change(
            booking_id, action="sos", before=None, after={"by": role.value}, by=by, now=now, version=booking.version
        )
        with suppress(TransactionRefused):  # both call in the same millisecond: one call rings as loud
            self._store.transact([adding_notice(notice, now, booking.version), noting])
        return booking

    def _hiding(
        self, report: Report, by: Caller, now: datetime
    ) -> tuple[list[Action], tuple[Room, Message, Booking] | None]:
        if report.sequence is None:
            raise InvalidTransition
        room, booking, _ = self._rooms.load(report.conversation_id, by)
        before = self._rooms.message(report.conversation_id, report.sequence)
        if before.hidden or before.deleted:
            return [], None
        if before.sender_role is Role.SYSTEM:
            raise InvalidTransition
        after_room, after = room.hide(before)
        return [
            revising_room(room, after_room),
            changing_message(before, after),
            self._rooms.adding_change(after),
            record_change(
                report.conversation_id,
                action="message_hidden",
                before=None,
                after={"sequence": after.sequence, "reportId": report.report_id},
                by=by,
                now=now,
                version=after.revision,
            ),
        ], (after_room, after, booking)

    def _other_rooms(self, room: Room, by: Caller) -> Iterator[Room]:
        """Yield the caller's other rooms with the same person."""
        start = None
        while True:
            page = self._rooms.find_by_party(by, limit=50, start=start)
            for other, _ in self._rooms.load_many([str(key["conversationId"]) for key in page.items]):
                same = (other.customer_id, other.therapist_id) == (room.customer_id, room.therapist_id)
                if same and other.conversation_id != room.conversation_id:
                    yield other
            start = page.next_key
            if start is None:
                return

    def _saved(self, actions: list[Action], report: Report) -> Report | None:
        try:
            self._store.transact(actions)
        except TransactionRefused:
            return None
        return report

    @staticmethod
    def _noting(report: Report, action: str, by: Caller, now: datetime) -> Action:
        after: dict[str, object] = {"status": report.status.value}
        if report.action is not None:
            after["action"] = report.action.value
        return record_change(
            report.report_id, action=action, before=None, after=after, by=by, now=now, version=report.version
        )


def _notices_of(report: Report) -> tuple[Notice, ...]:
    """Return what whoever reported and whoever is meant are told of a report that is resolved."""
    action = report.action or Outcome.NONE
    to_reporter = Notice(
        user_id=report.reporter_id,
        role=report.reporter_role,
        kind="report_resolved",
        conversation_id=report.conversation_id,
    )
    to_the_other = Notice(
        user_id=report.concerns_id,
        role=report.concerns_role,
        kind=f"report_about_you_{action.value}",
        conversation_id=report.conversation_id,
    )
    return to_reporter, to_the_other
