"""POST /rooms/{conversationId}/attachments, GET /attachments/{attachmentId}: where to put a file, and where it is."""

import hashlib
from http import HTTPStatus

from marketplace import bootstrap
from marketplace.chat.attachments.model import Attachment, AttachmentKind
from marketplace.chat.attachments.requests import NewAttachment
from marketplace.chat.attachments.responses import Upload
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request, Response
from marketplace.platform.api.responses import Redirection
from marketplace.platform.caller import FINANCE, OPERATIONS, PARTIES, SIGNED_IN, SUPPORT, Caller
from marketplace.platform.clock import utc_now
from marketplace.platform.limits import UPLOADS
from marketplace.platform.refusals import NotFound, RoomClosed
from marketplace.platform.runtime.observability import Category, count, logger

api = Api(Category.CHAT, tag="Chat")


@api.post(
    "/rooms/{conversationId}/attachments",
    roles=PARTIES,
    body=NewAttachment,
    response=Upload,
    status=HTTPStatus.CREATED,
    idempotent=True,
    refusals=(RoomClosed,),
    summary="Announce a file and get a form to upload it",
)
def announce_attachment(request: Request, body: NewAttachment) -> Upload:
    """Return the form that takes a file for a room; a repeat with the same key gets the same file's form."""
    now, caller = request.now, request.caller
    room, booking, _ = bootstrap.rooms().load(request.path("conversationId"), caller)
    room.check_writable(booking, now)

    attachment = bootstrap.attachments().announce(
        Attachment(
            attachment_id=identifiers.attachment_id(caller.user_id, request.idempotency_key),
            kind=AttachmentKind.MESSAGE,
            owner_id=caller.user_id,
            booking_id=room.booking_id,
            conversation_id=room.conversation_id,
            file_name=body.file_name,
            content_type=body.content_type,
            size=body.size,
            request_hash=hashlib.sha256(f"{room.conversation_id}{body.model_dump_json()}".encode()).hexdigest(),
            created_at=now,
        ),
        bootstrap.allowance(UPLOADS, caller.user_id, now),
    )

    count("AttachmentsAnnounced")
    return {"attachmentId": attachment.attachment_id, "upload": bootstrap.uploads().form(attachment)}


@api.get(
    "/attachments/{attachmentId}",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT | FINANCE,
    response=Redirection,
    status=HTTPStatus.FOUND,
    summary="Go to a file, through a link that works for ten minutes at most",
)
def fetch_attachment(request: Request) -> Response:
    """Send the caller on to the file, by a link that is good for ten minutes."""
    attachment = bootstrap.attachments().get(request.path("attachmentId"))
    _check_visible(attachment, request.caller)
    attachment.check_fetchable(utc_now())
    logger().info("attachment fetched", extra={"attachment_id": attachment.attachment_id})
    return Response(content="", headers={"Location": bootstrap.uploads().link(attachment)})


def _check_visible(attachment: Attachment, caller: Caller) -> None:
    """Let the room's parties and admins see a file of a room, its owner and admins a proof of payment."""
    match attachment.kind:
        case AttachmentKind.MESSAGE:
            bootstrap.rooms().load(attachment.conversation_id, caller)
        case AttachmentKind.PROOF | AttachmentKind.PAPER:
            if not caller.is_admin and caller.user_id != attachment.owner_id:
                raise NotFound
        case AttachmentKind.PHOTO:
            raise NotFound  # it is shown under its own address


lambda_handler = api.answer
