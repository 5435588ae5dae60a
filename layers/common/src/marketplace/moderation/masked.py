"""How often somebody has tried to hand over contact details before a booking was confirmed: by person and month."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, final

from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, Update
from marketplace.platform.dynamodb.store import Page, Store

_KEPT_FOR: Final = timedelta(days=400)


def counting_masked(by: Caller, conversation_id: str, now: datetime) -> Update:
    """Return the action that counts a masked message of somebody, in the transaction that writes it."""
    return Update(
        label="masked",
        table="claims",
        key={"claimKey": _month_key(format_utc(now)[:7]), "claimId": f"{by.role.value}#{by.user_id}"},
        condition=Condition(expression="attribute_not_exists(#claimKey) OR attribute_exists(#claimKey)"),
        assign={"maskedAt": format_utc(now), "expiresAtEpoch": int((now + _KEPT_FOR).timestamp())},
        add={"masked": 1, "maskedIn": frozenset({conversation_id})},
    )


def _month_key(month: str) -> str:
    return f"masked#{month}"


@final
class MaskedMessages:
    """Masked messages, counted."""

    def __init__(self, store: Store) -> None:
        """Read counts from ``store``."""
        self._store = store

    def find_page(self, month: str, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of the people whose messages were masked in a month (``2026-11``), by role and id."""
        return self._store.query(
            "claims",
            where=Condition(expression="#claimKey = :month", values={"month": _month_key(month)}),
            limit=limit,
            start=start,
        )
