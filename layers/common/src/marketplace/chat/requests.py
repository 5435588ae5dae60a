"""The bodies of the chat: messages, the read cursor, notifications."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal, final

from pydantic import Field

from marketplace.catalogue.place.model import GivenLocation
from marketplace.chat.attachments.metadata import Metadata
from marketplace.platform.api.request_model import Omissible, RequestModel
from marketplace.platform.api.text import LARGEST_SEQUENCE, Id, MessageText

Sequence = Annotated[int, Field(ge=0, le=LARGEST_SEQUENCE)]
"""The number of a message in its room; 0 stands before the first."""

Position = Annotated[int, Field(ge=1, le=LARGEST_SEQUENCE)]
"""The number of a message that there is."""

_WITH_ATTACHMENT: Final = frozenset({"image", "file"})


class NewMessage(RequestModel):
    """One message of a party or admin; ``message`` is what people read, the caption of a picture or place too.

    A repeat with the same ``clientMessageId`` is the same message, over whichever door it comes.
    """

    client_message_id: Id
    message: MessageText
    message_type: Literal["text", "image", "file", "location"] = "text"
    attachment_id: Omissible[Id] = None
    location: Omissible[GivenLocation] = None
    metadata: Omissible[Metadata] = None
    reply_to: Omissible[Position] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Check what the type of the message needs, and that it has nothing of another type."""
        if self.message_type in _WITH_ATTACHMENT:
            if self.attachment_id is None:
                yield "attachmentId", "An image or file needs its attachment."
        elif self.attachment_id is not None:
            yield "attachmentId", "Only an image or file has an attachment."
        if self.message_type == "location":
            if self.location is None:
                yield "location", "A location message needs its location."
        elif self.location is not None:
            yield "location", "Only a location message has a location."


class EditedMessage(RequestModel):
    """The new text of a message."""

    message: MessageText


@final
class ChooseTranslation(RequestModel):
    """Whether the caller has later messages of others translated into the language that they read."""

    enabled: bool


class MarkRead(RequestModel):
    """How far the caller has read; an earlier read cursor than the present one changes nothing."""

    sequence: Sequence
