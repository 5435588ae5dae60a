"""Papers of therapists: what they are, how far they have been judged, and until when they hold."""

from copy import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, final

from marketplace.platform.caller import Caller
from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import InvalidTransition, NotFound

REMINDED_BEFORE: Final = (30, 7, 1)
"""Days before its expiry on which a therapist is reminded of a paper."""


class PaperKind(StrEnum):
    """What a paper shows: a licence of a traditional health worker (STPT), who somebody is, or what they learned."""

    STPT = "stpt"
    IDENTITY = "identity"
    CERTIFICATE = "certificate"


class PaperStatus(StrEnum):
    """Where a paper stands."""

    ANNOUNCED = "announced"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


@final
class Paper(Record, frozen=True, kw_only=True):
    """One paper of a therapist; its file bears the same id."""

    document_id: str
    therapist_id: str
    kind: PaperKind
    number: str
    expires_on: str
    """The last date on which it holds, ``YYYY-MM-DD``."""
    status: PaperStatus
    created_at: Instant
    submitted_at: Instant | None = None
    decided_at: Instant | None = None
    decided_by: str | None = None
    reason: str | None = None
    """Why it was rejected."""
    reminded_before: int | None = None
    """Of how many days before its expiry the therapist was reminded last."""
    version: int = 1

    def as_of(self, today: date) -> "Paper":
        """Return the paper as everybody must see it: one that holds no more is expired."""
        is_over = self.status is PaperStatus.APPROVED and self.expires_on < today.isoformat()
        return replace(self, status=PaperStatus.EXPIRED) if is_over else self

    def check_belongs_to(self, caller: Caller) -> None:
        """Refuse as not found whoever is not its therapist."""
        if caller.user_id != self.therapist_id:
            raise NotFound

    def submit(self, now: datetime) -> "Paper":
        """Hand it in, once.

        Raises:
            InvalidTransition: it was judged already.
        """
        if self.status not in {PaperStatus.ANNOUNCED, PaperStatus.SUBMITTED}:
            raise InvalidTransition
        if self.status is PaperStatus.SUBMITTED:
            return self
        return replace(self, status=PaperStatus.SUBMITTED, submitted_at=now, version=self.version + 1)

    def decide(self, status: PaperStatus, *, by: Caller, now: datetime, reason: str | None = None) -> "Paper":
        """Approve or reject it; one that was approved may still be rejected.

        Raises:
            InvalidTransition: it was not handed in, or is decided already.
        """
        open_states = {PaperStatus.SUBMITTED}
        if status is PaperStatus.REJECTED:
            open_states.add(PaperStatus.APPROVED)
        if self.status not in open_states:
            raise InvalidTransition
        return replace(
            self, status=status, decided_at=now, decided_by=by.user_id, reason=reason, version=self.version + 1
        )

    def reminder_due(self, today: date) -> int | None:
        """Return of how many days before the expiry the therapist should be reminded now; None if of none."""
        left = (date.fromisoformat(self.expires_on) - today).days
        if self.status is not PaperStatus.APPROVED or left < 0:
            return None
        stage = min((days for days in REMINDED_BEFORE if left <= days), default=None)
        if stage is None or (self.reminded_before is not None and self.reminded_before <= stage):
            return None
        return stage
