"""Files that were uploaded: judged whole, once, and made fetchable or refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import final

from marketplace.chat.attachments.clean_copies import UnfitFileError, clean_copy
from marketplace.chat.attachments.model import Attachment, AttachmentKind, AttachmentStatus
from marketplace.chat.attachments.repository import Attachments
from marketplace.chat.attachments.uploads import Uploads
from marketplace.services.catalogue.photos import Photos


@final
class Files:
    """Takes uploads in."""

    def __init__(
        self, attachments: Attachments, uploads: Uploads, kept_for: timedelta, photos: Callable[[], Photos]
    ) -> None:
        """Judge what is in ``uploads`` by what is known of ``attachments``; a room's file is ``kept_for`` so long."""
        self._photos = photos
        self._attachments = attachments
        self._uploads = uploads
        self._kept_for = kept_for

    def settle(self, attachment: Attachment, now: datetime) -> AttachmentStatus:
        """Return what has become of an upload: fetchable or refused by now, or announced if nothing has arrived.

        Whoever judges the same file at the same time comes to the same end.
        """
        if attachment.status is not AttachmentStatus.ANNOUNCED:
            return attachment.status
        content = self._uploads.find(attachment.incoming_key, at_most=attachment.size)
        if content is None:
            return AttachmentStatus.ANNOUNCED
        try:
            clean = clean_copy(attachment, content)
            if attachment.kind is AttachmentKind.PHOTO:
                self._photos().publish(attachment.owner_id, clean, now)
        except UnfitFileError:
            status = AttachmentStatus.REFUSED
        else:
            status = AttachmentStatus.READY
            if attachment.kind is not AttachmentKind.PHOTO:
                self._uploads.put(attachment.key, clean, attachment.content_type)
        self._attachments.settle(attachment.processed(status, now, kept_for=self._kept_for))
        return status
