"""POST /rooms/{conversationId}/attachments, GET /attachments/{attachmentId}: where to put a file, and where it is."""

import hashlib
from http import HTTPStatus
from typing import Any

from marketplace import bootstrap
from marketplace.chat.attachment import Attachment, AttachmentKind
from marketplace.chat.attachment_requests import NewAttachment
from marketplace.platform import identifiers
from marketplace.platform.api.http import Answer, Call, Rest, created
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.caller import Caller
from marketplace.platform.clock import utc_now
from marketplace.platform.limits import UPLOADS
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import NotFound

rest = Rest(Category.CHAT)


@rest.post("/rooms/{conversationId}/attachments")
def announce_attachment(call: Call) -> Answer:
    """Return the form that takes a file for a room; a repeat with the same key gets the same file's form."""
    now, caller, asked = utc_now(), call.caller, call.body(NewAttachment)
    room, booking, _ = bootstrap.rooms().load(call.path("conversationId"), caller)
    room.check_writable(booking, now)

    attachment = bootstrap.attachments().announce(
        Attachment(
            attachment_id=identifiers.attachment_id(caller.user_id, call.idempotency_key),
            kind=AttachmentKind.MESSAGE,
            owner_id=caller.user_id,
            booking_id=room.booking_id,
            conversation_id=room.conversation_id,
            file_name=asked.file_name,
            content_type=asked.content_type,
            size=asked.size,
            request_hash=hashlib.sha256(f"{room.conversation_id}{asked.model_dump_json()}".encode()).hexdigest(),
            created_at=now,
        ),
        bootstrap.allowance(UPLOADS, caller.user_id, now),
    )

    count("AttachmentsAnnounced")
    return created({"attachmentId": attachment.attachment_id, "upload": bootstrap.uploads().form(attachment)})


@rest.get("/attachments/{attachmentId}")
def fetch_attachment(call: Call) -> Answer:
    """Send the caller on to the file, by a link that is good for ten minutes."""
    attachment = bootstrap.attachments().get(call.path("attachmentId"))
    _check_visible(attachment, call.caller)
    attachment.check_fetchable(utc_now())
    logger().info("attachment fetched", extra={"attachment_id": attachment.attachment_id})
    return Answer(status=HTTPStatus.FOUND, headers={"Location": bootstrap.uploads().link(attachment)})


def _check_visible(attachment: Attachment, caller: Caller) -> None:
    """Let the room's parties and admins see a file of a room, its owner and admins a proof of payment."""
    match attachment.kind:
        case AttachmentKind.MESSAGE:
            bootstrap.rooms().load(attachment.conversation_id, caller)
        case AttachmentKind.PROOF:
            if not caller.is_admin and caller.user_id != attachment.owner_id:
                raise NotFound


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
