"""POST /commissions/{bookingId}/proof and /proof/submit: a therapist shows that a commission is paid."""

import hashlib
from http import HTTPStatus

from marketplace import bootstrap
from marketplace.chat.attachment_requests import NewProof
from marketplace.chat.responses import Upload
from marketplace.commission.responses import ChangedCommission, commission_view
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import THERAPISTS
from marketplace.platform.limits import UPLOADS
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import InvalidTransition
from marketplace.services.proofs import ProofAnnouncement

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

    attachment = bootstrap.proof_commands().announce(
        ProofAnnouncement(
            attachment_id=identifiers.attachment_id(caller.user_id, request.idempotency_key),
            booking_id=booking_id,
            file_name=body.file_name,
            content_type=body.content_type,
            size=body.size,
            request_hash=hashlib.sha256(f"proof{booking_id}{body.model_dump_json()}".encode()).hexdigest(),
        ),
        by=caller,
        now=now,
        allowance=bootstrap.allowance(UPLOADS, caller.user_id, now),
    )

    return {"attachmentId": attachment.attachment_id, "upload": bootstrap.uploads().form(attachment)}


@api.post(
    "/commissions/{bookingId}/proof/submit",
    roles=THERAPISTS,
    response=ChangedCommission,
    refusals=(InvalidTransition,),
    summary="Hand in the uploaded proof",
    description="Checks that the file is there, and judges it whole.",
)
def submit_proof(request: Request) -> ChangedCommission:
    """Hand the uploaded proof in, once it is known to be there, to be what was announced, and to be readable."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    commission = bootstrap.proof_commands().submit(booking_id, by=caller, now=now)

    count("ProofsSubmitted")
    return {"commission": commission_view(commission)}


lambda_handler = api.answer
