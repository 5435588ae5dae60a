"""The rules of the marketplace that its owner sets: numbered versions, each whole, none ever changed.

A booking keeps the version under which it was made, so that what was promised then holds to its end.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, final

from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import TherapistUnavailable

if TYPE_CHECKING:
    from marketplace.catalogue.therapist.model import Therapist

DOCUMENT_KINDS: Final = ("stpt", "identity", "certificate")
"""The papers that therapists can be asked for; ``stpt`` is Indonesia's registration of traditional healers."""


class Redispatch(StrEnum):
    """What happens to a booking whose therapist did not take it or fell away."""

    NONE = "none"
    ASK = "ask"
    """The customer is shown who else can, and chooses."""
    AUTO = "auto"
    """It is offered to others at no higher price, one after the other."""


class ContactGuard(StrEnum):
    """What becomes of contact details in messages before a booking is confirmed."""

    OFF = "off"
    MASK = "mask"


class Verification(StrEnum):
    """Whether a booking needs a WhatsApp number that its customer has verified."""

    OFF = "off"
    REQUIRED = "required"


@final
class CancellationTier(Record, frozen=True, kw_only=True):
    """The fee of a cancellation at least ``hours_before`` hours before the visit begins."""

    hours_before: int
    fee_bps: int


@final
class CancellationRules(Record, frozen=True, kw_only=True):
    """What cancelling costs a customer: nothing within the grace after creation, else by the first tier that fits."""

    grace_minutes: int = 10
    tiers: tuple[CancellationTier, ...] = (
        CancellationTier(hours_before=4, fee_bps=0),
        CancellationTier(hours_before=0, fee_bps=0),
    )
    """From far before the visit to its beginning; the last one has ``hours_before`` 0."""


@final
class CommissionAccount(Record, frozen=True, kw_only=True):
    """Where therapists pay their commissions to."""

    bank_name: str
    account_number: str
    account_holder: str


@final
class Policy(Record, frozen=True, kw_only=True):
    """One version of the rules; version 0 is the template's parameters and the defaults here."""

    version: int = 0
    effective_at: Instant | None = None
    """From when on new bookings may be made under it; None for version 0."""
    by: str = "system"
    """The member of staff who made it."""
    reason: str | None = None
    response_window_seconds: int = 900
    commission_rate_bps: int = 3_000
    commission_due_days: int = 7
    cancellation: CancellationRules = CancellationRules()
    no_show_fee_bps: int = 0
    no_show_after_minutes: int = 20
    auto_complete_after_minutes: int = 60
    start_code: bool = False
    redispatch: Redispatch = Redispatch.ASK
    redispatch_max_offers: int = 3
    redispatch_max_minutes: int = 30
    contact_guard: ContactGuard = ContactGuard.MASK
    verification: Verification = Verification.OFF
    required_documents: tuple[str, ...] = ()
    pause_offers_when_overdue_days: int | None = None
    """So many days after a commission was due, its therapist gets no offers until it is settled; None for never."""
    missed_offers_until_offline: int | None = None
    commission_account: CommissionAccount | None = None

    @property
    def response_window(self) -> timedelta:
        """How long a therapist has to answer an offer."""
        return timedelta(seconds=self.response_window_seconds)

    def lets_offer_to(self, therapist: "Therapist", now: datetime) -> bool:
        """Say whether a therapist gets offers: with the papers that are asked for, and without old debts."""
        days = self.pause_offers_when_overdue_days
        owes = days is not None and therapist.owes_for(days, now)
        return not owes and therapist.has_papers(self.required_documents, now)

    def check_lets_offer_to(self, therapist: "Therapist", now: datetime) -> None:
        """Refuse bookings with a therapist who gets no offers.

        Raises:
            TherapistUnavailable: they do not.
        """
        if not self.lets_offer_to(therapist, now):
            raise TherapistUnavailable


RULES: Final = tuple(
    name for name in Policy.__struct_fields__ if name not in {"version", "effective_at", "by", "reason"}
)
"""The names of the rules themselves."""
