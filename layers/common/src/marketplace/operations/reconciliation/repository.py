"""Audits: past runs, the one under way, and how far the scheduled ones have come."""

from collections.abc import Mapping, Sequence
from copy import replace
from datetime import datetime
from typing import Any, Final, final

from marketplace.operations.reconciliation.model import Audit
from marketplace.platform.clock import Instant, format_utc
from marketplace.platform.dynamodb.actions import (
    Action,
    Condition,
    ConditionRefused,
    Delete,
    Put,
    TransactionRefused,
    Update,
    absent,
    at_version,
)
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.record import Record
from marketplace.platform.refusals import IdempotencyKeyReused

_RUNS: Final = {"runKind": "audit"}
_WATERMARK: Final = {"runKind": "watermark", "auditId": "commissions"}
_REQUESTS: Final = "request"
_DIRTY: Final = "doubt"
_LOOKED_AT: Final = 20


@final
class Watermark(Record, frozen=True, kw_only=True):
    """Until when every confirmation has been judged by some run."""

    confirmed_until: Instant
    version: int = 1


@final
class Audits:
    """The runs of the audit."""

    def __init__(self, store: Store) -> None:
        """Keep runs in ``store``."""
        self._store = store

    def find_page(self, *, limit: int, start: Mapping[str, Any] | None = None) -> Page:
        """Return a page of runs, newest first."""
        return self._store.query(
            "audit_runs",
            where=Condition(expression="#runKind = :kind", values={"kind": _RUNS["runKind"]}),
            newest_first=True,
            limit=limit,
            start=start,
            strongly=True,
        )

    def find_latest(self) -> list[Audit]:
        """Return the latest runs, newest first."""
        return readable_records(Audit, self.find_page(limit=_LOOKED_AT).items, key="auditId")

    def find(self, audit_id: str) -> Audit | None:
        """Return a run, if it has begun."""
        item = self._store.get("audit_runs", {**_RUNS, "auditId": audit_id})
        return None if item is None else from_record(Audit, item)

    def named_by_request(self, request_id: str, audit_id: str, request_hash: str) -> str:
        """Return the run that belongs to a request with an idempotency key: the first one named for it.

        Raises:
            IdempotencyKeyReused: the key came with another body before.
        """
        key = {"runKind": _REQUESTS, "auditId": request_id}
        try:
            self._store.write(
                Put(
                    label="request",
                    table="audit_runs",
                    item={**key, "names": audit_id, "requestHash": request_hash},
                    condition=absent("auditId"),
                )
            )
        except ConditionRefused as refused:
            stored = refused.item or {}
            if stored.get("requestHash") != request_hash:
                raise IdempotencyKeyReused from None
            return str(stored["names"])
        return audit_id

    def add(self, audit: Audit) -> bool:
        """Write down that a run begins; say whether it was not there yet."""
        try:
            self._store.write(
                Put(label="audit", table="audit_runs", item=audit_record(audit), condition=absent("auditId"))
            )
        except ConditionRefused:
            return False
        return True

    def save(self, audit: Audit, told: Sequence[Action] = ()) -> Audit | None:
        """Write down how far a run has come, with what tells of it; ``None`` says that another worker carries it on."""
        after = replace(audit, version=audit.version + 1)
        record = audit_record(after)
        saving = Update(
            label="audit",
            table="audit_runs",
            key={**_RUNS, "auditId": audit.audit_id},
            condition=at_version(audit.version)
            & Condition(expression="attribute_type(#finishedAt, :none)", values={"none": "NULL"}),
            assign={name: value for name, value in record.items() if name not in {"runKind", "auditId"}},
        )
        try:
            if told:
                self._store.transact([saving, *told])
            else:
                self._store.write(saving)
        except (ConditionRefused, TransactionRefused):
            return None
        return after

    def mark_dirty(self, booking_id: str, now: datetime) -> None:
        """Mark a booking whose money was changed in a way that the next scheduled run must look at."""
        try:
            self._store.write(
                Put(
                    label="dirty",
                    table="audit_runs",
                    item={"runKind": _DIRTY, "auditId": booking_id, "doubtedAt": format_utc(now)},
                    condition=Condition(
                        expression="attribute_not_exists(#doubtedAt) OR #doubtedAt < :now",
                        values={"now": format_utc(now)},
                    ),
                )
            )
        except ConditionRefused:
            return

    def dirty(self) -> dict[str, str]:
        """Return the bookings that are marked dirty, each with the instant of the latest mark."""
        where = Condition(expression="#runKind = :kind", values={"kind": _DIRTY})
        return {
            str(item["auditId"]): str(item["doubtedAt"]) for item in self._store.query_all("audit_runs", where=where)
        }

    def mark_clean(self, dirty: Mapping[str, str]) -> None:
        """Take marks away whose bookings have been judged, unless there is a later one by now."""
        for booking_id, doubted_at in dirty.items():
            try:
                self._store.write(
                    Delete(
                        label="dirty",
                        table="audit_runs",
                        key={"runKind": _DIRTY, "auditId": booking_id},
                        condition=Condition(expression="#doubtedAt = :read", values={"read": doubted_at}),
                    )
                )
            except ConditionRefused:
                continue

    def watermark(self) -> Watermark | None:
        """Return how far the runs have come, if one has ever finished."""
        item = self._store.get("audit_runs", _WATERMARK)
        return None if item is None else from_record(Watermark, item)

    def advance_watermark(self, confirmed_until: datetime) -> None:
        """Move the watermark forward to an instant, never back."""
        before = self.watermark()
        version = before.version if before else 0
        if before is not None and before.confirmed_until >= confirmed_until:
            return
        moved = Watermark(confirmed_until=confirmed_until, version=version + 1)
        try:
            self._store.write(
                Put(
                    label="watermark",
                    table="audit_runs",
                    item={**_WATERMARK, **to_record(moved)},
                    condition=at_version(version),
                )
            )
        except ConditionRefused:
            return


def audit_record(audit: Audit) -> Item:
    """Return a run as it is stored."""
    return {**_RUNS, **to_record(audit)}
