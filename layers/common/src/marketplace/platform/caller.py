"""Who acts: a person by id and role, or the system itself."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, final

from msgspec import Struct

from marketplace.platform.refusals import SignInTooOld

FRESH_FOR: Final = timedelta(minutes=10)
"""How long after signing in somebody may change where money goes."""


class Role(StrEnum):
    """The hats that somebody can wear; ``system`` is worn by schedules and streams alone."""

    CUSTOMER = "customer"
    THERAPIST = "therapist"
    ADMIN = "admin"
    SYSTEM = "system"


class Language(StrEnum):
    """The languages with a catalogue of their own."""

    ENGLISH = "en"
    INDONESIAN = "id"


@final
class Caller(Struct, frozen=True, kw_only=True):
    """Somebody who has signed in, as the authorizer vouches for them."""

    user_id: str
    role: Role
    language: Language = Language.ENGLISH
    signed_in_at: int | None = None
    """Epoch second of the sign-in behind the token, where the token says."""

    @property
    def is_admin(self) -> bool:
        """Say whether the caller runs the marketplace."""
        return self.role is Role.ADMIN

    def check_signed_in_lately(self, now: datetime) -> None:
        """Refuse whoever has not signed in within the last ten minutes."""
        if self.signed_in_at is None or now.timestamp() - self.signed_in_at > FRESH_FOR.total_seconds():
            raise SignInTooOld


SYSTEM: Final = Caller(user_id="system", role=Role.SYSTEM)
