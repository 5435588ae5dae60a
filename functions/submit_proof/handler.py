"""POST /commissions/{bookingId}/proof and /proof/submit: a therapist shows that a commission is paid."""

import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import Final

from marketplace import bootstrap
from marketplace.booking.views import commission_view
from marketplace.chat.attachment import Attachment, AttachmentKind, AttachmentStatus
from marketplace.chat.attachment_requests import NewProof
from marketplace.commission.model import Commission
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import ChangedCommission, Upload
from marketplace.platform.caller import THERAPISTS
from marketplace.platform.dynamodb.conflicts import until_won
from marketplace.platform.limits import UPLOADS
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import InvalidTransition, ValidationFailed

api = Api(Category.PAYMENT, tag="Therapist")


@api.post(
    "/commissions/{bookingId}/proof",
    roles=THERAPISTS,
    body=NewProof,
    response=Upload,
    status=HTTPStatus.CREATED,
    idempotent=True,
    refusals=(InvalidTransition,),
    summary="Announce a proof of payment and get a form to upload it",
)
def announce_proof(request: Request, body: NewProof) -> Upload:
    """Return the form that takes a proof of payment; a repeat with the same key gets the same file's form."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    def attempt() -> Attachment | None:
        commission = bootstrap.commissions().get(booking_id)
        commission.check_belongs_to(caller)
        commission.check_takes_proof()
        attachment = bootstrap.attachments().announce(
            Attachment(
                attachment_id=identifiers.attachment_id(caller.user_id, request.idempotency_key),
                kind=AttachmentKind.PROOF,
                owner_id=caller.user_id,
                booking_id=booking_id,
                conversation_id=commission.chat_room_id,
                file_name=body.file_name,
                content_type=body.content_type,
                size=body.size,
                request_hash=hashlib.sha256(f"proof{booking_id}{body.model_dump_json()}".encode()).hexdigest(),
                created_at=now,
            ),
            bootstrap.allowance(UPLOADS, caller.user_id, now),
        )
        return attachment if bootstrap.commissions().announce_proof(commission, attachment.attachment_id) else None

    attachment = until_won(attempt)
    return {"attachmentId": attachment.attachment_id, "upload": bootstrap.uploads().form(attachment)}


@api.post(
    "/commissions/{bookingId}/proof/submit",
    roles=THERAPISTS,
    response=ChangedCommission,
    refusals=(InvalidTransition,),
    summary="Hand in the uploaded proof",
    description="Checks that the file is there, and and judges it whole.",
)
def submit_proof(request: Request) -> ChangedCommission:
    """Hand the uploaded proof in, once it is known to be there, to be what was announced, and to be readable."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    def decide(commission: Commission) -> Commission:
        commission.check_belongs_to(caller)
        commission.check_takes_proof()
        attachment_id = _uploaded(commission.announced_proof_id, now)
        return commission.submit_proof(attachment_id=attachment_id, by=caller, now=now)

    commission = bootstrap.commissions().change(booking_id, decide)

    count("ProofsSubmitted")
    return {"commission": commission_view(commission)}


def _uploaded(attachment_id: str | None, now: datetime) -> str:
    """Return the announced file's id if it has been uploaded and is fit to be seen: it is judged whole, now.

    Raises:
        ValidationFailed: nothing was announced or uploaded, or it is something else.
    """
    if attachment_id is None:
        raise _refused(_NOTHING)
    # The upload may be processed meanwhile and leave its first place; then what became of it counts.
    for _ in range(2):
        match bootstrap.files().settle(bootstrap.attachments().get(attachment_id), now):
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


lambda_handler = api.answer
