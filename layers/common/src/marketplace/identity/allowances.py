"""Counting against abuse limits: one conditional update, which expires with its window."""

from datetime import datetime, timedelta
from typing import Final, final

from msgspec import Struct

from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Update
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.limits import Limit
from marketplace.platform.refusals import TooManyRequests

_KEPT_AFTER: Final = timedelta(hours=1)


@final
class Allowance(Struct, frozen=True, kw_only=True):
    """What somebody may still do within a limit; ``scale`` multiplies it."""

    limit: Limit
    who: str
    scale: int
    now: datetime

    @property
    def key(self) -> dict[str, str]:
        """The key of the count among the claims."""
        return {
            "claimKey": f"limit#{self.limit.name}#{self.who}",
            "claimId": format_utc(self.limit.window_of(self.now)),
        }

    def is_left(self, count: Item | None) -> bool:
        """Say whether one is left, by the stored count, if there is one."""
        return count is None or int(count["used"]) < self.limit.most * self.scale

    @property
    def label(self) -> str:
        """The label of the count in a transaction."""
        return f"limit:{self.limit.name}"

    @property
    def taking(self) -> Update:
        """The action that takes one, if one is left; it costs a transaction no further read."""
        window = self.limit.window_of(self.now)
        return Update(
            label=self.label,
            table="claims",
            key=self.key,
            condition=Condition(
                expression="attribute_not_exists(#used) OR #used < :most",
                values={"most": self.limit.most * self.scale},
            ),
            add={"used": 1},
            assign={"expiresAtEpoch": int((window + self.limit.window + _KEPT_AFTER).timestamp())},
        )

    def refusal(self) -> TooManyRequests:
        """Return the refusal of one too many, which says when the next window begins."""
        return TooManyRequests(retry_after=self.limit.seconds_left(self.now))


@final
class Allowances:
    """Everybody's counts."""

    def __init__(self, store: Store) -> None:
        """Keep counts in ``store``."""
        self._store = store

    def check_left(self, allowance: Allowance) -> None:
        """Refuse whoever has none left, without taking one.

        Raises:
            TooManyRequests: none is left.
        """
        if not allowance.is_left(self._store.get("claims", allowance.key)):
            raise allowance.refusal()

    def take(self, allowance: Allowance) -> None:
        """Take one, on its own.

        Raises:
            TooManyRequests: none is left.
        """
        try:
            self._store.write(allowance.taking)
        except ConditionRefused:
            raise allowance.refusal() from None
