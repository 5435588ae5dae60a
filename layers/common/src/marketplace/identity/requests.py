"""The body that opens a session for a customer without an account."""

from typing import Annotated, final

from marketplace.platform.api.request_model import Lax, RequestModel
from marketplace.platform.caller import Language


@final
class NewGuestSession(RequestModel):
    """A guest, and the language in which the system speaks to them."""

    language: Annotated[Language, Lax] = Language.ENGLISH
