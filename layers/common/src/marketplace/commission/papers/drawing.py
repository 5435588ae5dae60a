"""Draws papers as PDF: the same content is always the same bytes."""

from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from typing import Final

from fpdf import FPDF

from marketplace.commission.papers.model import Content, PaperKind
from marketplace.platform.clock import parse_utc
from marketplace.platform.market import MARKET_ZONE

_FONT: Final = "Lato"
_TITLES: Final = {
    PaperKind.RECEIPT.value: "Receipt / Kwitansi",
    PaperKind.INVOICE.value: "Commission invoice / Faktur komisi",
}
_LABELS: Final = {
    "bookingId": "Booking / Pesanan",
    "customerName": "Customer / Pelanggan",
    "therapistName": "Therapist / Terapis",
    "hotelVillaName": "Place / Tempat",
    "serviceName": "Service / Layanan",
    "visitAt": "Visit / Kunjungan",
    "duration": "Minutes / Menit",
    "month": "Month / Bulan",
}
_AMOUNTS: Final = {
    "listPrice": "List price / Harga",
    "discount": "Discount / Diskon",
    "openingBalance": "Opening balance / Saldo awal",
    "commission": "Commission / Komisi",
    "corrections": "Corrections / Koreksi",
    "total": "Total / Jumlah",
    "tax": "Of which tax / Termasuk pajak",
    "paid": "Paid / Dibayar",
    "closingBalance": "Closing balance / Saldo akhir",
}


def drawn(content: Content) -> bytes:
    """Return a paper as PDF/1.4 on A4, with its font embedded; what the font lacks appears as an empty box."""
    issued_at = parse_utc(str(content["issuedAt"]))
    pdf = FPDF(format="A4")
    pdf.set_creation_date(issued_at)
    pdf.set_title(f"{content['number']}")
    fonts = files("font_lato") / "files"
    pdf.add_font(_FONT, "", str(fonts / "Lato-Regular.ttf"))
    pdf.add_font(_FONT, "B", str(fonts / "Lato-Bold.ttf"))
    pdf.add_page()
    pdf.set_font(_FONT, "B", 18)
    pdf.cell(0, 12, _TITLES[str(content["kind"])], new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(_FONT, "", 11)
    for line in (
        f"{content['number']} · {_moment(issued_at)}",
        str(content["issuerName"]),
        str(content["issuerAddress"]),
    ):
        if line:
            pdf.multi_cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(6)
    for label, value in _lines(content):
        pdf.cell(70, 7, label)
        pdf.multi_cell(0, 7, value, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)
    for name, label in _AMOUNTS.items():
        if name in content and (name != "tax" or content[name]):
            pdf.set_font(_FONT, "B" if name == "total" else "", 11)
            pdf.cell(110, 7, label)
            pdf.cell(0, 7, _rupiah(content[name]), align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(_FONT, "", 9)
    pdf.ln(4)
    for item in content.get("items", ()):
        pdf.cell(38, 5, _moment(parse_utc(str(item["at"]))))
        pdf.cell(26, 5, str(item["kind"]))
        pdf.cell(66, 5, str(item["bookingId"]))
        pdf.cell(0, 5, _rupiah(item["charge"] - item["credit"]), align="R", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def _lines(content: Content) -> Iterator[tuple[str, str]]:
    for name, label in _LABELS.items():
        value = content.get(name)
        if value is not None:
            yield label, _moment(parse_utc(str(value))) if name == "visitAt" else str(value)


def _moment(instant: datetime) -> str:
    return f"{instant.astimezone(MARKET_ZONE):%d.%m.%Y %H:%M} WIB"


def _rupiah(amount: int) -> str:
    """Write an amount as Indonesians do: ``Rp 350.000``."""
    return ("-" if amount < 0 else "") + "Rp " + f"{abs(amount):,}".replace(",", ".")
