"""How a therapist shows that a commission is paid: a file is announced, uploaded, and handed in."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, final

from msgspec import Struct

from marketplace.chat.attachments.model import Attachment, AttachmentKind, AttachmentStatus
from marketplace.chat.attachments.repository import Attachments
from marketplace.commission.model import Commission
from marketplace.commission.repository import Commissions, announcing_proof, saving_commission
from marketplace.identity.allowances import Allowance
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.actions import ConditionRefused, TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import ValidationFailed

if TYPE_CHECKING:  # with it comes what reads pictures
    from marketplace.services.chat.files import Files


@final
class ProofAnnouncement(Struct, frozen=True, kw_only=True):
    """The file that is to prove a payment, as its owner describes it; ``size`` in bytes."""

    attachment_id: str
    booking_id: str
    file_name: str
    content_type: str
    size: int
    request_hash: str

    def attachment_of(self, commission: Commission, by: Caller, now: datetime) -> Attachment:
        """Return what is known of the file before it is uploaded."""
        return Attachment(
            attachment_id=self.attachment_id,
            kind=AttachmentKind.PROOF,
            owner_id=by.user_id,
            booking_id=self.booking_id,
            conversation_id=commission.chat_room_id,
            file_name=self.file_name,
            content_type=self.content_type,
            size=self.size,
            request_hash=self.request_hash,
            created_at=now,
        )


@final
class ProofCommands:
    """The commands of a therapist who pays; whoever loses a race decides again on what stands."""

    def __init__(
        self, store: Store, *, commissions: Commissions, attachments: Attachments, files: Callable[[], "Files"]
    ) -> None:
        """Save in ``store``; what judges uploads is made when one is to be judged."""
        self._store = store
        self._commissions = commissions
        self._attachments = attachments
        self._files = files

    def announce(self, proof: ProofAnnouncement, *, by: Caller, now: datetime, allowance: Allowance) -> Attachment:
        """Note which file is to be the proof; a repeat of the same request finds the same file.

        Raises:
            NotFound, InvalidTransition: the commission is not the caller's, or awaits no proof.
            IdempotencyKeyReused: the id is taken by an announcement with another body.
            TooManyRequests: nothing is left of the allowance.
        """

        def attempt() -> Attachment | None:
            commission = self._commissions.get(proof.booking_id)
            commission.check_belongs_to(by)
            commission.check_takes_proof()
            attachment = self._attachments.announce(proof.attachment_of(commission, by, now), allowance)
            try:
                self._store.write(announcing_proof(commission, attachment.attachment_id))
            except ConditionRefused:
                return None
            return attachment

        return retry_on_conflict(attempt)

    def submit(self, booking_id: str, *, by: Caller, now: datetime) -> Commission:
        """Hand the uploaded proof in, once it is known to be there, to be what was announced, and to be readable.

        Raises:
            NotFound, InvalidTransition: the commission is not the caller's, or awaits no proof.
            ValidationFailed: nothing was announced or uploaded, or it is something else.
        """

        def attempt() -> Commission | None:
            before = self._commissions.get(booking_id)
            before.check_belongs_to(by)
            before.check_takes_proof()
            after = before.submit_proof(attachment_id=self._uploaded(before.announced_proof_id, now), by=by, now=now)
            try:
                self._store.transact([saving_commission(before, after)])
            except TransactionRefused:
                return None
            return after

        return retry_on_conflict(attempt)

    def _uploaded(self, attachment_id: str | None, now: datetime) -> str:
        """Return the announced file's id if it has been uploaded and is fit to be seen: it is judged whole, now."""
        if attachment_id is None:
            raise _refused(_NOTHING)
        # The upload may be processed meanwhile and leave its first place; then what became of it counts.
        for _ in range(2):
            match self._files().settle(self._attachments.get(attachment_id), now):
                case AttachmentStatus.READY:
                    return attachment_id
                case AttachmentStatus.REFUSED:
                    raise _refused(_SOMETHING_ELSE)
                case AttachmentStatus.ANNOUNCED:
                    continue
        raise _refused(_NOTHING)


def _refused(why: str) -> ValidationFailed:
    return ValidationFailed.at("file", why)


_NOTHING: Final = "Nothing has been uploaded yet."
_SOMETHING_ELSE: Final = "The uploaded file is not what was announced."
