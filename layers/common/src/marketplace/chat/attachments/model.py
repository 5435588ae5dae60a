"""Files that people share: announced, uploaded, judged by what they really are, and only then to be fetched."""

import re
from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, final

from marketplace.chat.message import MessageType
from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import NotFound, ValidationFailed

LARGEST_FILE: Final = 10 * 1024 * 1024
"""Bytes of an attachment or proof."""
IMAGE_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
DOCUMENT_TYPE: Final = "application/pdf"


class AttachmentKind(StrEnum):
    """What a file is for."""

    MESSAGE = "message"
    PROOF = "proof"
    PAPER = "paper"
    """A therapist's document."""
    PHOTO = "photo"
    """A therapist's photo, which is drawn anew and kept under its content's address."""


class AttachmentStatus(StrEnum):
    """Where a file stands; only a ready one can be fetched."""

    ANNOUNCED = "announced"
    READY = "ready"
    REFUSED = "refused"


@final
class Attachment(Record, frozen=True, kw_only=True):
    """One file: what was announced of it, and what has become of it."""

    attachment_id: str
    kind: AttachmentKind
    owner_id: str
    booking_id: str
    conversation_id: str
    file_name: str
    content_type: str
    size: int
    """Bytes as announced; the form takes exactly as many."""
    request_hash: str
    created_at: Instant
    status: AttachmentStatus = AttachmentStatus.ANNOUNCED
    processed_at: Instant | None = None
    expires_at: Instant | None = None
    """Until when it can be fetched; None of a proof, which is kept with the books."""

    @property
    def incoming_key(self) -> str:
        """Where its form puts the upload, which nobody can fetch: ``incoming/a-4w2…``."""
        return f"incoming/{self.attachment_id}"

    @property
    def key(self) -> str:
        """Where the processed file is: ``rooms/r-4w2…/a-4w2…``, a proof ``proofs/b-4w2…/a-4w2…``."""
        match self.kind:
            case AttachmentKind.MESSAGE:
                return f"rooms/{self.conversation_id}/{self.attachment_id}"
            case AttachmentKind.PROOF:
                return f"proofs/{self.booking_id}/{self.attachment_id}"
            case AttachmentKind.PAPER | AttachmentKind.PHOTO:
                return f"papers/{self.owner_id}/{self.attachment_id}"

    @property
    def is_image(self) -> bool:
        """Say whether it is a picture."""
        return self.content_type in IMAGE_TYPES

    @property
    def handed_out_as(self) -> str:
        """The name under which it is saved: the one it came with, under the ending of its type."""
        return named_as(self.file_name, self.content_type)

    def check_fetchable(self, now: datetime) -> None:
        """Refuse as not found what has not been processed, has been refused, or is kept no longer.

        Raises:
            NotFound: there is nothing to fetch.
        """
        if self.status is not AttachmentStatus.READY or (self.expires_at is not None and now >= self.expires_at):
            raise NotFound

    def check_citable(self, conversation_id: str, message_type: MessageType) -> None:
        """Refuse a citation in another room, under a type that does not fit, or of a refused file.

        Raises:
            ValidationFailed: the message may not cite it.
        """
        elsewhere = self.kind is not AttachmentKind.MESSAGE or self.conversation_id != conversation_id
        if elsewhere or self.status is AttachmentStatus.REFUSED:
            raise no_such_attachment()
        if message_type is MessageType.IMAGE and not self.is_image:
            raise not_an_image()

    def processed(self, status: AttachmentStatus, now: datetime, *, kept_for: timedelta) -> "Attachment":
        """Return the file after it has been judged; a room's is ``kept_for`` so long."""
        expires_at = now + kept_for if self.kind is AttachmentKind.MESSAGE else None
        return replace(self, status=status, processed_at=now, expires_at=expires_at)


def no_such_attachment() -> ValidationFailed:
    """Return the refusal of a citation of a file that the room does not have."""
    return ValidationFailed.at("attachmentId", "The room has no such attachment.")


def not_an_image() -> ValidationFailed:
    """Return the refusal of a document that is shown as an image."""
    return ValidationFailed.at("attachmentId", "This file is not an image.")


def real_type(first_bytes: bytes) -> str | None:
    """Return what a file really is, by its first bytes; nothing for any type that is not taken.

    Sources: https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern and ISO 32000-1, 7.5.2.
    """
    if first_bytes.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if first_bytes.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if first_bytes.startswith(b"RIFF") and first_bytes[8:14] == b"WEBPVP":
        return "image/webp"
    return DOCUMENT_TYPE if first_bytes.lstrip(_BEFORE_A_DOCUMENT).startswith(b"%PDF-") else None


_BEFORE_A_DOCUMENT: Final = b"\xef\xbb\xbf\t\n\f\r "
"""What some programs write before a PDF, a byte order mark above all, and every reader skips."""
_ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jfif", ".jpe"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    DOCUMENT_TYPE: (".pdf",),
}
"""The endings of names of each type; the usual one first."""
_ENDING: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,5}$")
"""What looks like the ending of a file's name, and not like the rest of a sentence or a number."""


def named_as(file_name: str, content_type: str) -> str:
    """Return a file's name under the ending of its type: a PDF named ``invoice.html`` is ``invoice.pdf``."""
    endings = _ENDINGS[content_type]
    name = file_name.rstrip(". ")
    for known in (name, _ENDING.sub("", name).rstrip(". ")):
        if known.lower().endswith(endings):
            return known
    return known + endings[0]
