"""The sign-ins that admins hand out: what the user pool shall hold for somebody, and how far it has been told.

A command writes the row; a function that follows the table's stream tells the user pool, so that no provider is
called from a command and an invitation is never sent for a change that did not happen.
"""

from copy import replace
from datetime import datetime
from typing import final

from marketplace.platform.caller import Role
from marketplace.platform.clock import Instant
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Put, Update, absent, at_version
from marketplace.platform.dynamodb.records import from_record, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.record import Record


@final
class SignIn(Record, frozen=True, kw_only=True):
    """What the user pool shall hold: the user name is the id, the group is the role."""

    user_id: str
    email: str
    role: Role
    invited_at: Instant
    """Each invitation that was asked for is mailed once."""
    enabled: bool = True
    version: int = 1
    mailed_for: Instant | None = None
    """The invitation that has been mailed."""

    def invited_again(self, *, email: str, now: datetime) -> "SignIn":
        """Return it with another invitation to be mailed."""
        return replace(self, email=email, invited_at=now, version=self.version + 1)

    def switched(self, *, enabled: bool) -> "SignIn":
        """Return it with the sign-in possible or not."""
        return replace(self, enabled=enabled, version=self.version + 1)


@final
class SignIns:
    """The sign-ins that were handed out, by the id of the person."""

    def __init__(self, store: Store) -> None:
        """Keep them in ``store``."""
        self._store = store

    def find(self, user_id: str) -> SignIn | None:
        """Return a person's sign-in, None if none was handed out."""
        item = self._store.get("sign_ins", {"userId": user_id})
        return None if item is None else from_record(SignIn, item)

    @staticmethod
    def saving(sign_in: SignIn, *, read_version: int) -> Put:
        """Return the action that writes a sign-in unless it has changed since it was read (0: was absent)."""
        condition = absent("userId") if read_version == 0 else at_version(read_version)
        return Put(label="sign-in", table="sign_ins", item=to_record(sign_in), condition=condition)

    def note_mailed(self, sign_in: SignIn) -> None:
        """Note that the present invitation has been mailed; a newer one stays to be mailed."""
        record = to_record(sign_in)
        mailed = {"invitedAt": record["invitedAt"]}
        try:
            self._store.write(
                Update(
                    label="mailed",
                    table="sign_ins",
                    key={"userId": sign_in.user_id},
                    condition=Condition(expression="#invitedAt = :invitedAt", values=mailed),
                    assign={"mailedFor": record["invitedAt"]},
                )
            )
        except ConditionRefused:
            return
