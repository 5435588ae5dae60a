"""The rules that the owner sets: a new version is added, none is ever changed."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime
from typing import Any, Final, final

from marketplace.catalogue.policy.model import Policy
from marketplace.catalogue.policy.repository import Policies
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.actions import TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.records import to_record
from marketplace.platform.dynamodb.store import Store

AUDITED_AS: Final = "policies"
"""The id under which the audit log has every version."""


@final
class PolicyCommands:
    """The use cases of policies."""

    def __init__(self, store: Store, policies: Policies) -> None:
        """Work on this repository."""
        self._store = store
        self._policies = policies

    def add(self, rules: Mapping[str, Any], *, reason: str, by: Caller, now: datetime) -> Policy:
        """Add a version that holds ``rules`` and else what the newest one holds.

        New bookings are made under it once each execution environment has read it, half a minute from now at most.
        """

        def attempt() -> Policy | None:
            newest = self._policies.newest()
            policy = replace(
                newest, **rules, version=newest.version + 1, effective_at=now, by=by.user_id, reason=reason
            )
            try:
                self._store.transact(
                    [
                        self._policies.adding(policy),
                        record_change(
                            AUDITED_AS,
                            action="policy_added",
                            before=to_record(newest),
                            after=to_record(policy),
                            by=by,
                            now=now,
                            version=policy.version,
                            reason=reason,
                        ),
                    ]
                )
            except TransactionRefused:
                return None
            return policy

        return retry_on_conflict(attempt)
