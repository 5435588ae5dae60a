"""The bodies and queries of therapists' papers."""

from typing import Annotated, Literal, final

from pydantic import Field

from marketplace.catalogue.document.model import PaperKind, PaperStatus
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, RequestModel
from marketplace.platform.api.text import FileName, MarketDay, Reason, Text

LARGEST_PAPER = 10 * 1024 * 1024
_Size = Annotated[int, Field(ge=1, le=LARGEST_PAPER)]


@final
class NewDocument(RequestModel):
    """A paper that is about to be uploaded: what it shows, its number, and the last date on which it holds."""

    kind: Annotated[PaperKind, Lax]
    number: Annotated[str, Text(1, 64)]
    expires_on: MarketDay
    file_name: FileName
    content_type: Literal["image/jpeg", "image/png", "image/webp", "application/pdf"]
    size: _Size


@final
class NewPhoto(RequestModel):
    """A picture of the therapist that is about to be uploaded; its middle is shown."""

    file_name: FileName
    content_type: Literal["image/jpeg", "image/png", "image/webp"]
    size: _Size


@final
class RejectDocument(RequestModel):
    """Why a paper is not taken."""

    reason: Reason


@final
class DocumentsQuery(PageQuery):
    """Papers of all therapists, those that expire first at first."""

    status: Annotated[PaperStatus, Lax] = PaperStatus.SUBMITTED


@final
class OwnDocumentsQuery(PageQuery):
    """The caller's papers, newest first."""
