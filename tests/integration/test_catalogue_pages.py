"""No page of the catalogue costs more than four queries, and none scans a table."""

from collections.abc import Mapping
from copy import replace
from typing import TYPE_CHECKING, Final

import pytest

from marketplace import bootstrap
from marketplace.platform.caller import Caller, Duty, Role
from tests.integration.gateway import call
from tests.integration.meter import Meter
from tools.local.demo_data import THERAPISTS

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

OWNER: Final = Caller(user_id="a-admin", role=Role.ADMIN, signed_in_at=1, duties=frozenset({Duty.OWNER}))
MOST: Final = 4
QUERIES: Final = (
    *({}, {"online": "true"}, {"q": "ayu"}, {"near": "-8.5,115.2", "sort": "distance"}),
    *({"sort": each} for each in ("rating", "price", "name")),
)


@pytest.fixture
def meter(tables: Mapping[str, "Table"]) -> Meter:
    meter = Meter(tables)
    for number in range(8):
        suspended = "suspended" if number % 4 == 0 else "yes"
        bootstrap.catalogue().add_therapist(replace(THERAPISTS[0], therapist_id=f"t-{number:03d}", listed=suspended))
    bootstrap.sealing_key()
    bootstrap.policies().in_force()
    return meter


def costs(meter: Meter, path: str, by: Caller | None, query: Mapping[str, str]) -> list[str]:
    with meter.reading() as bill:
        answer = call("GET", path, by=by, query=query)
    assert answer.status == 200, answer.text
    assert answer.body["items"]
    return bill.calls


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_page_of_the_catalogue_costs_at_most_four_queries(meter: Meter, query: dict[str, str]) -> None:
    costs(meter, "/therapists", None, query)  # the copy that a search looks through is read twice a minute
    calls = costs(meter, "/therapists", None, query)
    assert calls.count("dynamodb:Query") <= MOST
    assert "dynamodb:Scan" not in calls


@pytest.mark.parametrize("limit", ["3", "50"])
def test_a_page_of_the_admins_list_costs_at_most_four_queries(meter: Meter, limit: str) -> None:
    calls = costs(meter, "/admin/therapists", OWNER, {"limit": limit})
    assert calls.count("dynamodb:Query") <= MOST
    assert "dynamodb:Scan" not in calls
