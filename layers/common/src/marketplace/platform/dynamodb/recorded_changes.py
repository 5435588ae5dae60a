"""Changes by people that are noted in the audit log in the transaction that makes them."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Put
from marketplace.platform.dynamodb.audit_log import Change, history_put


def record_change(  # noqa: PLR0913 - what of whom, from what to what, by whom, when and why
    entity_id: str,
    *,
    action: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
    by: Caller,
    now: datetime,
    version: int = 1,
    reason: str | None = None,
) -> Put:
    """Return the action that notes a change by a person, for the transaction in which the change is made.

    Of ``before`` and ``after`` only what differs is kept; neither may hold what a person could ask to have erased.
    """
    return history_put(
        Change(
            entity_id=entity_id,
            entry_id=f"{format_utc(now)}#{action}#{secrets.token_hex(4)}",
            at=now,
            version=version,
            actor=by.user_id,
            actor_role=by.role,
            action=action,
            from_status=None,
            to_status=action,
            reason=reason,
            before=None if before is None else _differing(before, after),
            after=_differing(after, before or {}),
        )
    )


def _differing(one: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    """Return what ``one`` has otherwise than ``other``; what it lacks is null."""
    return {name: one.get(name) for name in {**one, **other} if one.get(name) != other.get(name)}
