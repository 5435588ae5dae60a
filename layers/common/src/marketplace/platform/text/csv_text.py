"""Tables as CSV (RFC 4180) for spreadsheets, in which no cell can start a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

CONTENT_TYPE: Final = "text/csv; charset=utf-8"
_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return the table with its header; texts that a spreadsheet would take for a formula begin with ``'``.

    Source: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(header)
    table.writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.lstrip(" ").startswith(_STARTS_FORMULA):
        return f"'{value}"
    return "" if value is None else value
