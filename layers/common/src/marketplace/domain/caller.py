"""Who acts: a person by id and role, or the system itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, final


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
@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
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


SYSTEM: Final = Caller(user_id="system", role=Role.SYSTEM)
