"""Reports as they are stored."""

from collections.abc import Mapping
from typing import Any, final

from marketplace.moderation.report import Report, ReportStatus
from marketplace.platform.dynamodb.actions import Condition, Put, absent, at_version
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.refusals import NotFound


@final
class Reports:
    """All reports."""

    def __init__(self, store: Store) -> None:
        """Keep reports in ``store``."""
        self._store = store

    def get(self, report_id: str) -> Report:
        """Return a report.

        Raises:
            NotFound: there is none of that id.
        """
        item = self._store.get("reports", {"reportId": report_id})
        if item is None:
            raise NotFound
        return from_record(Report, item)

    def find_page(
        self, status: ReportStatus | None, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[Report], Page]:
        """Return a page of the reports, newest first, of one status if one is named, and where it goes on."""
        filtered_by = Condition(expression="#status = :status", values={"status": status.value}) if status else None
        page = self._store.query(
            "reports",
            index="byCreation",
            where=Condition(expression="#listed = :listed", values={"listed": "report"}),
            newest_first=True,
            limit=limit,
            start=start,
            filtered_by=filtered_by,
        )
        return readable_records(Report, page.items, key="reportId"), page


def saving_report(report: Report) -> Put:
    """Return the action that writes a report for the first time, or over the version before."""
    condition = absent("reportId") if report.version == 1 else at_version(report.version - 1)
    return Put(label="report", table="reports", item=to_record(report), condition=condition)
