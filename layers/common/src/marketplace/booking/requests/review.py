"""The bodies of reviews."""

from typing import Annotated, final

from pydantic import Field

from marketplace.platform.api.request_model import Omissible, RequestModel
from marketplace.platform.api.text import Text

ReviewText = Annotated[str, Text(1, 2_000, lines=True)]


@final
class NewReview(RequestModel):
    """What a party says of a visit."""

    rating: Annotated[int, Field(ge=1, le=5)]
    text: Omissible[ReviewText] = None


@final
class NewReply(RequestModel):
    """A therapist's answer to a review."""

    text: ReviewText
