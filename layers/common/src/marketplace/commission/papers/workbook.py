"""Tables as a workbook of Excel (XLSX), in which no cell is a formula."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from xlsxwriter import Workbook

from marketplace.commission.papers.tables import Table

CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AMOUNT: Final = "#,##0"
_WIDEST: Final = 60


def workbook(tables: Sequence[Table]) -> bytes:
    """Return a workbook with a sheet for each table: its head stays in sight, and every column can be filtered."""
    file = BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head, amount = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": _AMOUNT})
    for table in tables:
        sheet = book.add_worksheet(table.name)
        sheet.write_row(0, 0, table.columns, head)
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell, amount)
                elif cell is not None:
                    sheet.write_string(number, column, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        for column, name in enumerate(table.columns):
            longest = max((len(str(row[column])) for row in table.rows[:200]), default=0)
            sheet.set_column(column, column, min(max(len(name), longest) + 2, _WIDEST))
    book.close()
    return file.getvalue()
