"""POST /commissions/{bookingId}/proof and /proof/submit: a therapist shows that a commission is paid."""

import hashlib
from typing import Any

from marketplace import bootstrap
from marketplace.booking.views import commission_view
from marketplace.chat.attachment_requests import NewProof
from marketplace.platform import identifiers
from marketplace.platform.api.http import Answer, Call, Rest, created
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.request_model import NoBody
from marketplace.platform.clock import utc_now
from marketplace.platform.limits import UPLOADS
from marketplace.platform.observability import Category, count, logger
from marketplace.services.proofs import ProofAnnouncement

rest = Rest(Category.PAYMENT)


@rest.post("/commissions/{bookingId}/proof")
def announce_proof(call: Call) -> Answer:
    """Return the form that takes a proof of payment; a repeat with the same key gets the same file's form."""
    now, caller, asked, booking_id = utc_now(), call.caller, call.body(NewProof), call.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    attachment = bootstrap.proof_commands().announce(
        ProofAnnouncement(
            attachment_id=identifiers.attachment_id(caller.user_id, call.idempotency_key),
            booking_id=booking_id,
            file_name=asked.file_name,
            content_type=asked.content_type,
            size=asked.size,
            request_hash=hashlib.sha256(f"proof{booking_id}{asked.model_dump_json()}".encode()).hexdigest(),
        ),
        by=caller,
        now=now,
        allowance=bootstrap.allowance(UPLOADS, caller.user_id, now),
    )

    return created({"attachmentId": attachment.attachment_id, "upload": bootstrap.uploads().form(attachment)})


@rest.post("/commissions/{bookingId}/proof/submit")
def submit_proof(call: Call) -> dict[str, Any]:
    """Hand the uploaded proof in, once it is known to be there and to be what was announced."""
    call.optional_body(NoBody)
    now, caller, booking_id = utc_now(), call.caller, call.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    commission = bootstrap.proof_commands().submit(booking_id, by=caller, now=now)

    count("ProofsSubmitted")
    return {"commission": commission_view(commission)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
