"""From when on somebody's sign-ins count: whatever is older has been signed out everywhere."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Action, Check, Condition, TransactionRefused, Update
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import Unauthenticated

SIGN_IN: Final = "sign-in"
"""The label of the check in a transaction."""
REMEMBERED_FOR: Final = timedelta(days=31)
"""A day longer than any token or refreshed sign-in lives."""


@final
class SignOuts:
    """Who has been signed out everywhere, and when: one row a person, gone when no token can be older."""

    def __init__(self, store: Store) -> None:
        """Remember sign-outs in ``store``."""
        self._store = store

    def add(self, user_id: str, *, now: datetime, beside: Sequence[Action] = ()) -> None:
        """Let none of somebody's sign-ins count that happened up to this second, and write what goes ``beside`` it."""
        try:
            self._store.transact([self.adding(user_id, now=now), *beside])
        except TransactionRefused:
            return  # somebody has signed them out later than that

    @staticmethod
    def adding(user_id: str, *, now: datetime) -> Update:
        """Return the action that signs somebody out everywhere; a later sign-out stays."""
        second = int(now.timestamp())
        return Update(
            label="sign-out",
            table="claims",
            key=sign_out_key(user_id),
            condition=Condition(
                expression="attribute_not_exists(#signedOutUntil) OR #signedOutUntil <= :second",
                values={"second": second},
            ),
            assign={
                "signedOutUntil": second,
                "signedOutAt": format_utc(now),
                "expiresAtEpoch": int((now + REMEMBERED_FOR).timestamp()),
            },
        )

    def check_counts(self, caller: Caller) -> None:
        """Refuse a sign-in that has been signed out; one strongly consistent read.

        Raises:
            Unauthenticated: it no longer counts.
        """
        if not counts(caller, self._store.get("claims", sign_out_key(caller.user_id))):
            raise Unauthenticated


def counts(caller: Caller, sign_out: Item | None) -> bool:
    """Say whether a caller's sign-in counts beside their last sign-out, if there is one."""
    return sign_out is None or int(sign_out["signedOutUntil"]) < _signed_in_at(caller)


def still_signed_in(caller: Caller) -> Check:
    """Return the check that lets a transaction hold only while the caller's sign-in counts."""
    return Check(
        label=SIGN_IN,
        table="claims",
        key=sign_out_key(caller.user_id),
        condition=Condition(
            expression="attribute_not_exists(#signedOutUntil) OR #signedOutUntil < :signedInAt",
            values={"signedInAt": _signed_in_at(caller)},
        ),
    )


def _signed_in_at(caller: Caller) -> int:
    """Return the second of the sign-in; one that is not known is as old as can be."""
    return caller.signed_in_at or 0


def sign_out_key(user_id: str) -> dict[str, str]:
    """Return the key of a person's last sign-out: ``sign-out#c-wayan`` / ``everywhere``."""
    return {"claimKey": f"sign-out#{user_id}", "claimId": "everywhere"}
