"""The in-memory store of these tests is the template's."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from marketplace import bootstrap
from marketplace.platform.settings import settings
from tools.local.demo_data import THERAPISTS

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


def test_repositories_write_to_the_tables_of_the_template(tables: Mapping[str, "Table"]) -> None:
    assert bootstrap.catalogue().add_therapist(THERAPISTS[0])

    stored = tables["therapists"].get_item(Key={"therapistId": "t-ayu"})["Item"]
    assert stored["timeZone"] == "Asia/Makassar"
    assert stored["listed"] == "yes"


def test_settings_are_those_of_the_template(aws: Mapping[str, str]) -> None:
    assert settings().commission_rate_bps == 3000
    assert settings().table_prefix == aws["TABLE_PREFIX"]
    assert settings().token_keys_url == f"{settings().token_issuer}/.well-known/jwks.json"
