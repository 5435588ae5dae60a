"""Every reason for which the marketplace says no, named as a fact.

A refusal is an answer, not a failure: the edge turns it into a problem with the stable ``code`` given
here (contract, section 2). The details are constant sentences and never repeat what the caller sent.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, final

from msgspec import Struct


class Refusal(Exception):  # noqa: N818 - a refusal is a fact about a request, not an error of the program
    """Root of every refusal; ``code`` is what clients switch on, ``detail`` what people read."""

    code: ClassVar[str]
    detail: ClassVar[str]

    @property
    def extensions(self) -> Mapping[str, object]:
        """Further members of the problem document, in wire names."""
        return {}

    @property
    def retry_after(self) -> int | None:
        """Seconds after which a repeat may succeed, for the refusals that pass by themselves."""
        return None

    def __str__(self) -> str:
        """Return the constant sentence, so that a logged refusal holds nothing of the request."""
        return self.detail


@final
class FieldError(Struct, frozen=True):
    """One field of the input that breaks a rule: ``path`` in wire names, ``message`` a constant sentence."""

    path: str
    message: str


@final
class MalformedJson(Refusal):
    """The body or frame is not JSON, read strictly."""

    code = "malformed_json"
    detail = "The body is not well-formed JSON."


@final
class Unauthenticated(Refusal):
    """Nobody is signed in, or the token or ticket does not hold."""

    code = "unauthenticated"
    detail = "A valid sign-in is required."


@final
class SignInTooOld(Refusal):
    """The caller has signed in too long ago for something that needs a fresh sign-in."""

    code = "unauthenticated"
    detail = "This needs a fresh sign-in."


@final
class Forbidden(Refusal):
    """A role that may never do this."""

    code = "forbidden"
    detail = "This role may not do that."


@final
class NotFound(Refusal):
    """There is no such thing, or none that the caller may see."""

    code = "not_found"
    detail = "There is nothing here that the caller may see."


@final
class DuplicateBooking(Refusal):
    """The number already has an open request with this therapist."""

    code = "duplicate_booking"
    detail = "This number already has a pending booking with this therapist."

    def __init__(self, booking_id: str | None) -> None:
        """Name the open booking where it is the caller's own, else nothing."""
        super().__init__()
        self.booking_id = booking_id

    @property
    def extensions(self) -> Mapping[str, object]:
        """Return the caller's own open booking."""
        return {"bookingId": self.booking_id}


@final
class ConfirmationRequired(Refusal):
    """The caller must say once more that this is meant."""

    code = "confirmation_required"
    detail = "This needs an explicit confirmation."

    def __init__(self, pending_bookings: Sequence[str] = ()) -> None:
        """Name the caller's own open bookings with other therapists, if that is why."""
        super().__init__()
        self.pending_bookings = tuple(pending_bookings)

    @property
    def extensions(self) -> Mapping[str, object]:
        """Return the open bookings by id."""
        return {"pendingBookings": list(self.pending_bookings)}


@final
class SlotTaken(Refusal):
    """Another live booking holds the therapist's time."""

    code = "slot_taken"
    detail = "The therapist's time is already held."


@final
class TherapistUnavailable(Refusal):
    """An immediate booking needs a therapist who is online."""

    code = "therapist_unavailable"
    detail = "The therapist is not online."


class StateRefusal(Refusal):
    """A refusal because of the state of a booking, which it names so that the loser of a race learns it."""

    def __init__(self, booking_status: str | None = None) -> None:
        """Take the booking's present state; none where it is not about a booking."""
        super().__init__()
        self.booking_status = booking_status

    @property
    def extensions(self) -> Mapping[str, object]:
        """Return the state, if it is about a booking."""
        return {} if self.booking_status is None else {"bookingStatus": self.booking_status}


@final
class BookingNotPending(StateRefusal):
    """The booking has been answered already."""

    code = "booking_not_pending"
    detail = "The booking is no longer pending."


@final
class DeadlinePassed(StateRefusal):
    """The time to answer is over."""

    code = "deadline_passed"
    detail = "The time to answer this booking is over."


@final
class ChangeTooLate(Refusal):
    """A message is too old to be changed by who wrote it."""

    code = "deadline_passed"
    detail = "The time to change this message is over."


@final
class HistoryReset(Refusal):
    """The tables have been brought back to an earlier instant since the caller has read them."""

    code = "history_reset"
    detail = "The conversation was restored to an earlier state: load it anew."


@final
class InvalidTransition(StateRefusal):
    """The state does not allow this step."""

    code = "invalid_transition"
    detail = "The present state does not allow this step."


@final
class VersionChanged(StateRefusal):
    """The booking has another version than the one that the command was meant for."""

    code = "version_changed"
    detail = "The booking has changed since it was read."

    def __init__(self, booking_status: str, version: int) -> None:
        """Take the booking's present state and version."""
        super().__init__(booking_status)
        self.version = version

    @property
    def extensions(self) -> Mapping[str, object]:
        """Return the state and the version."""
        return {**super().extensions, "version": self.version}


@final
class RoomClosed(Refusal):
    """The room takes no more messages."""

    code = "room_closed"
    detail = "The room takes no more messages."


@final
class QuoteStale(Refusal):
    """The quote is too old, altered, or for something else."""

    code = "quote_stale"
    detail = "The quote no longer holds for this booking."


@final
class DiscountUnavailable(Refusal):
    """The discount code is unknown, out of date or used up."""

    code = "discount_unavailable"
    detail = "The discount code cannot be used."


@final
class PayloadTooLarge(Refusal):
    """The body, frame or file is over its limit."""

    code = "payload_too_large"
    detail = "The payload is over its limit."


@final
class ValidationFailed(Refusal):
    """Fields of the input break a rule; ``errors`` says which."""

    code = "validation_failed"
    detail = "The input breaks a rule."

    def __init__(self, errors: Sequence[FieldError] = ()) -> None:
        """Take the broken rules, one entry per field."""
        super().__init__()
        self.errors = tuple(errors)

    @classmethod
    def at(cls, path: str, message: str) -> "ValidationFailed":
        """Make the refusal of a single field, named as the wire names it."""
        return cls((FieldError(path, message),))

    @property
    def extensions(self) -> Mapping[str, object]:
        """Return the list of broken rules."""
        return {"errors": [{"path": error.path, "message": error.message} for error in self.errors]}


@final
class PaymentsUnavailable(Refusal):
    """Nobody takes payments here, or not of such an amount."""

    code = "payments_unavailable"
    detail = "This cannot be paid here now."


@final
class IdempotencyKeyReused(Refusal):
    """The key was used with another body."""

    code = "idempotency_key_reused"
    detail = "This idempotency key was used with another body."


@final
class TooManyRequests(Refusal):
    """The caller is over a limit."""

    code = "too_many_requests"
    detail = "Too many requests."

    def __init__(self, retry_after: int) -> None:
        """Take the seconds after which it may be tried again."""
        super().__init__()
        self._retry_after = retry_after

    @property
    def retry_after(self) -> int:
        """Seconds until a repeat may succeed."""
        return self._retry_after


@final
class MfaRequired(Refusal):
    """A member of staff who has not set up a second factor yet."""

    code = "mfa_required"
    detail = "Staff need a second factor: set up an authenticator app first."


@final
class VerificationRequired(Refusal):
    """A booking under a WhatsApp number that its customer has not verified, where that is required."""

    code = "verification_required"
    detail = "This WhatsApp number has to be verified by a code first."


@final
class AlreadyExists(Refusal):
    """The id that something new was to have is taken."""

    code = "already_exists"
    detail = "There is one of that id already."


@final
class LastOwner(Refusal):
    """A change that would leave nobody who may do everything."""

    code = "last_owner"
    detail = "The last active owner stays: make another one first."


@final
class UnknownAction(Refusal):
    """The frame's action is none that the socket knows."""

    code = "unknown_action"
    detail = "The action is not known."


@final
class ServiceUnavailable(Refusal):
    """A dependency did not answer; the outcome may be unknown and a repeat with the same key is safe."""

    code = "service_unavailable"
    detail = "The service is briefly unavailable. Repeating with the same key is safe."

    @property
    def retry_after(self) -> int:
        """Seconds until a repeat may succeed."""
        return 2
