"""How long a page of the catalogue takes with 5,000 therapists: the list, a search, the nearest, every sorting.

    python -m bench.catalogue.page_time --therapists 5000

Starts a system of its own, adds therapists behind the doors and reads each page in turn, warm. The queries of a page
are counted in `tests/integration/test_catalogue_pages.py`. A page of the list is one query of an index by id. A search
looks through a small copy of the catalogue that each execution environment keeps, reads by two queries what has
changed since, and gets the page's own rows by their keys: no page ever scans a table.
"""

import statistics
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from copy import replace
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import boto3

from bench.page_time import timed
from marketplace.catalogue.place.location import ServiceArea
from marketplace.catalogue.therapist.model import MenuItem, Presence, Therapist
from marketplace.platform.dynamodb.attribute_values import to_item
from marketplace.platform.dynamodb.records import to_record
from tests.local.running import Start, free_port, started
from tools.command_line import OneLineParser
from tools.local.demo_data import THERAPISTS
from tools.local.outputs import Outputs
from tools.local.person import guest, member

THERAPISTS_MEASURED: Final = 5_000
WRITERS: Final = 4
BATCH: Final = 25
WARM_UP: Final = 5
LIMIT_MS: Final = 100
NAMES: Final = ("Ayu", "Budi", "Citra", "Dewi", "Eka", "Gede", "Kadek", "Komang", "Luh", "Made", "Nyoman", "Putu")
PAGES: Final[Mapping[str, Mapping[str, str | int]]] = {
    "list": {},
    "list, online": {"online": "true"},
    "search": {"q": "kadek stone"},
    "near": {"near": "-8.65,115.2", "sort": "distance"},
    "sort by price": {"sort": "price"},
    "sort by rating": {"sort": "rating"},
    "sort by name": {"sort": "name"},
    "search, near, at most": {"q": "massage", "near": "-8.65,115.2", "maxPrice": 300_000, "sort": "distance"},
}


def therapists(number: int) -> Iterator[Therapist]:
    """Yield so many different therapists spread over the south of Bali."""
    for each in range(number):
        price = 150_000 + each * 7_919 % 400_000
        services = ("Balinese massage", "Deep tissue massage", "Hot stone massage")
        yield replace(
            THERAPISTS[0],
            therapist_id=f"t-bench-{each:05d}",
            name=f"{NAMES[each % len(NAMES)]} {NAMES[each // 12 % len(NAMES)]} {each}",
            menu=(
                MenuItem(
                    service_id="massage",
                    name=services[each % 3],
                    prices={"60": price, "90": price + 90_000, "120": price + 170_000},
                ),
            ),
            status=Presence.ONLINE if each % 3 else Presence.OFFLINE,
            service_area=ServiceArea(
                latitude=-8.85 + each % 97 / 240, longitude=115.05 + each % 89 / 210, radius_km=10.0
            ),
            biography={"en": f"I have worked for {each % 30} years in Ubud, Sanur and Seminyak.", "id": "Pijat Bali."},
            rating_sum=each % 5 * 7 + 20,
            rating_count=7 if each % 4 else 0,
        )


def fill(outputs: Outputs, number: int) -> None:
    """Add therapists behind the doors."""
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=outputs.aws_endpoint_url,
        region_name=outputs.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator takes any
    )
    table = outputs.tables["therapists"]
    dynamodb.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})

    def write(records: tuple[Therapist, ...]) -> None:
        requests: list[Any] = [{"PutRequest": {"Item": to_item(_row(each))}} for each in records]
        dynamodb.batch_write_item(RequestItems={table: requests})

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, batched(therapists(number), BATCH, strict=False)))


def _row(therapist: Therapist) -> dict[str, Any]:
    return {name: value for name, value in to_record(therapist).items() if value is not None}


def report(number: int, *, rounds: int) -> Iterator[str]:
    """Start a system, fill its catalogue, read pages in turn, and yield the lines of a report, in Markdown."""
    times: dict[str, list[float]] = {}
    with ExitStack() as closing:
        folder = Path(closing.enter_context(TemporaryDirectory(prefix="bench-")))
        outputs = closing.enter_context(started(Start(port=free_port(), folder=folder, kept=False)))
        fill(outputs, number)
        customer, admin = guest(outputs), member(outputs, outputs.users["a-admin"])
        closing.callback(customer.close)
        closing.callback(admin.close)
        time.sleep(1)
        pages = {
            **{name: (customer, "/therapists", query) for name, query in PAGES.items()},
            "the admin's list": (admin, "/admin/therapists", {}),
        }
        for turn in range(rounds + WARM_UP):
            for name, (who, path, query) in pages.items():
                taken = timed(lambda who=who, path=path, query=query: who.get(path, **query))  # type: ignore[misc]  # a default for each
                if turn >= WARM_UP:
                    times.setdefault(name, []).append(taken)
    yield f"| page of {number:,} therapists | median ms | p95 ms | within {LIMIT_MS} ms |"
    yield "|---|---:|---:|---|"
    for name, found in times.items():
        median, p95 = statistics.median(found), statistics.quantiles(found, n=20)[-1]
        yield f"| {name} | {median:.1f} | {p95:.1f} | {'yes' if median <= LIMIT_MS else 'no'} |"


def main() -> None:
    """Fill, read, print."""
    parser = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--therapists", type=int, default=THERAPISTS_MEASURED)
    parser.add_argument("--rounds", type=int, default=30)
    chosen = parser.parse_args()
    print("\n".join(report(chosen.therapists, rounds=chosen.rounds)))


if __name__ == "__main__":
    main()
