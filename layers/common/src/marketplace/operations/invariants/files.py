"""The invariant of shared files: what a message cites is a file of its room, and what is ready can be fetched."""

from collections.abc import Mapping
from typing import Final

from marketplace.chat.attachments.model import AttachmentKind, AttachmentStatus
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.rows import END_OF_TIME, by_key, read_at, rows, text
from marketplace.platform.dynamodb.lenient_rows import instant

OBJECTS: Final = "objects"
"""What lies in the bucket, as rows: ``key``, and ``size`` and ``contentType`` where they were asked for."""
_FOLDERS: Final = ("rooms/", "proofs/", "papers/")


def cited_files_are_there(tables: Tables) -> list[Violation]:
    """Check I24: a citation is of a file of that room; a ready file lies where it belongs, and nothing else does.

    A file may be cited as soon as it has been uploaded, and be refused after that. One that is kept no longer may be
    there or not.
    """
    if "attachments" not in tables:
        return []
    found: list[Violation] = []
    files = by_key(tables, "attachments", "attachmentId")
    for message in rows(tables, "chat_messages"):
        attachment_id = message.get("attachmentId")
        if attachment_id is None:
            continue
        file = files.get(str(attachment_id))
        if file is None:
            found.append(Violation("I24", str(attachment_id), "a message cites it, and it is not known"))
        elif file.get("conversationId") != message.get("conversationId"):
            found.append(Violation("I24", str(attachment_id), "a message of another room cites it"))
    if OBJECTS not in tables:
        return found
    objects = by_key(tables, OBJECTS, "key")
    ready = {
        _place(file): attachment_id
        for attachment_id, file in files.items()
        if file.get("status") == AttachmentStatus.READY.value and file.get("kind") != AttachmentKind.PHOTO.value
    }
    now = read_at(tables)
    found += [
        Violation("I24", attachment_id, "it is ready, and its file is not there")
        for place, attachment_id in ready.items()
        if place not in objects and now < (instant(files[attachment_id], "expiresAt") or END_OF_TIME)
    ]
    found += [
        Violation("I24", place, "a file lies there that no row knows")
        for place in objects
        if place.startswith(_FOLDERS) and place not in ready
    ]
    return found


CHECKS: Final[Mapping[str, Check]] = {"I24": cited_files_are_there}
"""Every invariant of this module, by its number."""


def _place(file: Row) -> str:
    if file.get("kind") == AttachmentKind.PROOF.value:
        return f"proofs/{text(file, 'bookingId')}/{text(file, 'attachmentId')}"
    if file.get("kind") in {AttachmentKind.PAPER.value, AttachmentKind.PHOTO.value}:
        return f"papers/{text(file, 'ownerId')}/{text(file, 'attachmentId')}"
    return f"rooms/{text(file, 'conversationId')}/{text(file, 'attachmentId')}"
