"""Since when a therapist's overdue commissions have been due, kept in their own row, where offers are decided."""

from typing import final

from marketplace.commission.model import Commission
from marketplace.commission.repository import commission_key
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import (
    Check,
    TransactionRefused,
    Update,
    absent,
    at_version,
    present,
    present_at,
)
from marketplace.platform.dynamodb.store import Store


@final
class OverdueDebts:
    """Keeps the debts in therapists' rows in step with the records of commissions."""

    def __init__(self, store: Store) -> None:
        """Work on these tables."""
        self._store = store

    def note(self, commission: Commission) -> None:
        """Note whether a commission is overdue, if its record is still of this version.

        Changes arrive late, more than once and in any order: what an older one says of a debt that has been settled
        since must not stop its therapist's offers.
        """
        table, record_key = commission_key(commission.booking_id)
        present_version = Check(
            label="commission", table=table, key=record_key, condition=at_version(commission.version)
        )
        for update in _noting(commission):
            try:
                self._store.transact([present_version, update])
            except TransactionRefused as refused:
                if present_version.label in refused.refused:
                    return  # the change that made the later version tells of it
            else:
                return


def _noting(commission: Commission) -> tuple[Update, ...]:
    """Return the updates of which one fits the therapist's row: with other debts, or as the first."""
    key, path = {"therapistId": commission.therapist_id}, f"overdueDebts.{commission.booking_id}"
    if commission.overdue_since is None:
        return (Update(label="debt", table="therapists", key=key, condition=present_at(path), remove=[path]),)
    since = format_utc(commission.overdue_since)
    beside = present("therapistId") & present("overdueDebts")
    first = present("therapistId") & absent("overdueDebts")
    debts = {"overdueDebts": {commission.booking_id: since}}
    return (
        Update(label="debt", table="therapists", key=key, condition=beside, assign={path: since}),
        Update(label="debt", table="therapists", key=key, condition=first, assign=debts),
    )
