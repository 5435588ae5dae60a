"""The bodies that open a session for a customer without an account."""

from typing import Annotated, final

from marketplace.identity.phone.numbers import HOME_REGION, PhoneRegion, WhatsAppNumber
from marketplace.platform.api.request_model import Lax, RequestModel
from marketplace.platform.api.text import Text
from marketplace.platform.language import Language

_SixDigits = Annotated[str, Text(6, 6, pattern="[0-9]{6}", complaint="This must be six digits.")]


@final
class NewGuestSession(RequestModel):
    """A guest, and the language in which the system speaks to them."""

    language: Annotated[Language, Lax] = Language.ENGLISH


@final
class NewCode(RequestModel):
    """The number to which a code shall be sent."""

    phone_region: PhoneRegion = HOME_REGION
    whats_app: WhatsAppNumber


@final
class CodeCheck(RequestModel):
    """A number and the code that arrived there."""

    phone_region: PhoneRegion = HOME_REGION
    whats_app: WhatsAppNumber
    code: _SixDigits
