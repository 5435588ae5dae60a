"""How papers are drawn: the same bytes for the same content, and quickly once the function is warm."""

import time
from typing import Final

from marketplace.commission.papers.drawing import drawn
from marketplace.commission.papers.model import Content

RECEIPT: Final[Content] = {
    "number": "R-2026-000001",
    "kind": "receipt",
    "issuedAt": "2026-12-01T05:00:00.000Z",
    "issuerName": "Marketplace",
    "issuerAddress": "Jalan Raya Ubud 1, Gianyar",
    "bookingId": "b-1",
    "customerName": "Wayan Sudarma",
    "therapistName": "Ayu Lestari",
    "hotelVillaName": None,
    "serviceName": "Balinese massage",
    "visitAt": "2026-12-01T05:00:00.000Z",
    "duration": 60,
    "listPrice": 350_000,
    "discount": 0,
    "price": 350_000,
    "tax": 0,
    "total": 350_000,
    "currency": "IDR",
}
WARM_SECONDS: Final = 0.3


def test_the_same_paper_is_the_same_bytes() -> None:
    assert drawn(RECEIPT) == drawn(RECEIPT)


def test_a_warm_function_draws_a_paper_within_300_milliseconds() -> None:
    drawn(RECEIPT)
    spent = []
    for _ in range(3):
        began = time.process_time()
        drawn(RECEIPT)
        spent.append(time.process_time() - began)

    assert min(spent) < WARM_SECONDS
