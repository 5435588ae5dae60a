"""Tables as they are exported, and how they are written."""

from collections.abc import Sequence
from typing import Literal, TypedDict, final

from msgspec import Struct

from marketplace.platform.money import CURRENCY

type Cell = str | int | None
type TableName = Literal["summary", "ledger", "commissions", "payments", "therapists", "sources", "days"]


@final
class Table(Struct, frozen=True, kw_only=True):
    """A table of texts and whole numbers; amounts are in rupiah, instants in UTC."""

    name: TableName
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


class TableView(TypedDict):
    """One table of a month."""

    name: TableName
    columns: list[str]
    rows: list[list[str | int | None]]


class MonthBooksView(TypedDict):
    """The books of a month, table by table."""

    month: str
    """``YYYY-MM`` in Asia/Jakarta."""
    currency: str
    tables: list[TableView]


def month_books_view(month: str, tables: Sequence[Table]) -> MonthBooksView:
    """Return the books of a month as JSON."""
    return {
        "month": month,
        "currency": CURRENCY,
        "tables": [
            {"name": table.name, "columns": list(table.columns), "rows": [list(row) for row in table.rows]}
            for table in tables
        ],
    }
