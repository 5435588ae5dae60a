"""What therapists hand in: proofs that a commission is paid, and their papers."""

import hashlib
from http import HTTPStatus

from marketplace import bootstrap
from marketplace.catalogue.document.model import Paper
from marketplace.catalogue.document.requests import NewDocument, NewPhoto, OwnDocumentsQuery
from marketplace.catalogue.responses import PaperView, document_view
from marketplace.chat.attachments.model import Attachment, AttachmentKind
from marketplace.chat.attachments.requests import NewProof
from marketplace.chat.attachments.responses import AnnouncedDocument, AnnouncedPhoto, Upload
from marketplace.commission.responses import ChangedCommission, commission_view
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import THERAPISTS
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.limits import UPLOADS
from marketplace.platform.refusals import InvalidTransition
from marketplace.platform.runtime.observability import Category, count, logger
from marketplace.services.catalogue.documents import today_at
from marketplace.services.commission.proofs import ProofAnnouncement

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


@api.post(
    "/me/documents",
    roles=THERAPISTS,
    body=NewDocument,
    response=AnnouncedDocument,
    status=HTTPStatus.CREATED,
    idempotent=True,
    summary="Announce a paper and get a form to upload it",
    description="Upload it, then hand it in.",
)
def announce_document(request: Request, body: NewDocument) -> AnnouncedDocument:
    """Return the form that takes a paper; a repeat with the same key gets the same paper's form."""
    now, caller = request.now, request.caller
    attachment = bootstrap.document_commands().announce(
        body,
        document_id=identifiers.attachment_id(caller.user_id, request.idempotency_key),
        request_hash=hashlib.sha256(f"document{body.model_dump_json()}".encode()).hexdigest(),
        by=caller,
        now=now,
        allowance=bootstrap.allowance(UPLOADS, caller.user_id, now),
    )
    return {"documentId": attachment.attachment_id, "upload": bootstrap.uploads().form(attachment)}


@api.post(
    "/me/documents/{documentId}/submit",
    roles=THERAPISTS,
    response=PaperView,
    refusals=(InvalidTransition,),
    summary="Hand in an uploaded paper",
    description="Checks that the file is there, and judges it whole.",
)
def submit_document(request: Request) -> PaperView:
    """Hand a paper in, once its file is known to be there and readable."""
    paper = bootstrap.document_commands().submit(request.path("documentId"), by=request.caller, now=request.now)
    count("DocumentsSubmitted")
    return document_view(paper, today_at(request.now))


@api.get(
    "/me/documents",
    roles=THERAPISTS,
    query=OwnDocumentsQuery,
    response=Page[PaperView],
    summary="List the caller's papers, newest first",
)
def list_own_documents(request: Request, query: OwnDocumentsQuery) -> Page[PaperView]:
    """Return a page of the caller's papers."""
    now, cursors, caller = request.now, bootstrap.cursors(), request.caller
    of_list = f"documents:{caller.user_id}"
    start = cursors.open(of_list, query.cursor, now)
    page = bootstrap.documents().find_of(caller.user_id, limit=query.limit, start=start)
    papers = readable_records(Paper, page.items, key="documentId")
    return {
        "items": [document_view(paper, today_at(now)) for paper in papers],
        "nextCursor": cursors.close(of_list, page.next_key),
    }


@api.post(
    "/me/photo",
    roles=THERAPISTS,
    body=NewPhoto,
    response=AnnouncedPhoto,
    status=HTTPStatus.CREATED,
    idempotent=True,
    summary="Get a form to upload the caller's photo",
    description="It is drawn anew, square and at most 512 pixels wide; `photoUrl` of `GET /me` changes then.",
)
def announce_photo(request: Request, body: NewPhoto) -> AnnouncedPhoto:
    """Return the form that takes a photo; a repeat with the same key gets the same form."""
    now, caller = request.now, request.caller
    therapist = bootstrap.catalogue().therapist(caller.user_id)
    attachment = bootstrap.attachments().announce(
        Attachment(
            attachment_id=identifiers.attachment_id(caller.user_id, request.idempotency_key),
            kind=AttachmentKind.PHOTO,
            owner_id=caller.user_id,
            booking_id="",
            conversation_id="",
            file_name=body.file_name,
            content_type=body.content_type,
            size=body.size,
            request_hash=hashlib.sha256(f"photo{body.model_dump_json()}".encode()).hexdigest(),
            created_at=now,
        ),
        bootstrap.allowance(UPLOADS, caller.user_id, now),
    )
    return {
        "attachmentId": attachment.attachment_id,
        "upload": bootstrap.uploads().form(attachment),
        "photoUrl": therapist.photo_url,
    }


lambda_handler = api.answer
