"""Who runs the marketplace: members of staff with their duties, of whom one at least stays an active owner."""

from collections.abc import Mapping
from copy import replace
from typing import Final, final

from marketplace.platform.caller import Duty
from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import LastOwner


@final
class StaffMember(Record, frozen=True, kw_only=True):
    """One member of staff; their sign-in has the same id."""

    user_id: str
    name: str
    email: str
    duties: tuple[Duty, ...]
    created_at: Instant
    updated_at: Instant
    active: bool = True
    version: int = 1
    mfa_enabled: bool = False
    """Whether they were once seen to have a second factor; it is never asked about again."""

    @property
    def is_active_owner(self) -> bool:
        """Say whether they may do everything now."""
        return self.active and Duty.OWNER in self.duties


@final
class Owners(Record, frozen=True, kw_only=True):
    """The ids of all active owners: one row, so that two changes at once cannot take the last two away."""

    user_ids: tuple[str, ...] = ()
    version: int = 0

    def after(self, member: StaffMember) -> "Owners":
        """Return who is an active owner once a member is as given.

        Raises:
            LastOwner: nobody would be left.
        """
        others = tuple(user_id for user_id in self.user_ids if user_id != member.user_id)
        left = tuple(sorted((*others, member.user_id))) if member.is_active_owner else others
        if not left:
            raise LastOwner
        return replace(self, user_ids=left)


ORDER: Final[Mapping[Duty, int]] = {duty: number for number, duty in enumerate(Duty)}


def in_order(duties: frozenset[Duty]) -> tuple[Duty, ...]:
    """Return duties as they are kept: each once, in one order."""
    return tuple(sorted(duties, key=ORDER.__getitem__))
