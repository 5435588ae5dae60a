"""Responses about uploads: where to put a file."""

from typing import TypedDict


class UploadForm(TypedDict):
    """A form to post, as multipart/form-data, with the file as its last field ``file``."""

    url: str
    fields: dict[str, str]


class Upload(TypedDict):
    """Where to put the announced file."""

    attachmentId: str
    upload: UploadForm


class AnnouncedDocument(TypedDict):
    """A paper that was announced, and where to put its file."""

    documentId: str
    upload: UploadForm


class AnnouncedPhoto(TypedDict):
    """Where to put a photo; ``photoUrl`` is the present one, which changes as soon as the upload was drawn anew."""

    attachmentId: str
    upload: UploadForm
    photoUrl: str | None
