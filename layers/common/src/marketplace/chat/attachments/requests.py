"""The bodies that announce a file before its upload."""

from typing import Annotated, Literal, final

from pydantic import Field

from marketplace.chat.attachments.model import LARGEST_FILE
from marketplace.platform.api.request_model import RequestModel
from marketplace.platform.api.text import FileName

FileType = Literal["image/jpeg", "image/png", "image/webp", "application/pdf"]


class AnnouncedFile(RequestModel):
    """A file that is about to be uploaded; the upload is bound to this type and size."""

    file_name: FileName
    content_type: FileType
    size: Annotated[int, Field(ge=1, le=LARGEST_FILE)]


@final
class NewAttachment(AnnouncedFile):
    """A picture or document for a room."""


@final
class NewProof(AnnouncedFile):
    """A proof that a commission was paid."""
