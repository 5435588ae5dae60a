"""The body that opens a session for a customer without an account."""

from typing import Annotated, final

from marketplace.domain.caller import Language
from marketplace.edge.requests.model import Lax, Request


@final
class NewGuestSession(Request):
    """A guest, and the language in which the system speaks to them."""

    language: Annotated[Language, Lax] = Language.ENGLISH
