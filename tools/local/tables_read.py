"""Every row of a running stack, as the invariants read them: strongly consistent, and never changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from marketplace.operations.invariants import Row, Tables
from marketplace.operations.invariants.files import OBJECTS
from marketplace.operations.invariants.rows import CLOCK, text
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.dynamodb.attribute_values import from_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

READ: Final = (
    "history",
    "calendar",
    "claims",
    "chat_messages",
    "chat_changes",
    "policies",
    "chat_rooms",
    "commission_records",
    "ledger_entries",
    "payments",
    "papers",
    "proofs",
    "connections",
    "notifications",
    "deliveries",
    "therapists",
    "discount_codes",
    "attachments",
    "audit_runs",
    "bookings",
)
BEING_REMOVED: Final = "removing"
"""What a test booking bears while its rows are being removed."""
_AT_ONCE: Final = 1_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Where the tables are."""

    name: str
    session: boto3.Session
    endpoint_url: str | None = None
    suffix: str = ""
    """What restored copies of the tables have behind their names."""
    as_of: datetime | None = None
    """The instant whose tables they are; none for the present."""

    def read(self) -> Tables:
        """Read every table to its end."""
        dynamodb = self.session.client("dynamodb", endpoint_url=self.endpoint_url, config=_PATIENT)
        tables: dict[str, list[Row]] = {
            table: list(_rows(dynamodb, f"{self.name}-{table}{self.suffix}")) for table in READ
        }
        tables[CLOCK] = [{"now": format_utc(self.as_of or utc_now())}]
        objects = None if self.suffix else self._objects()
        if objects is not None:
            tables[OBJECTS] = objects
        return _without_what_is_being_removed(tables)

    def _objects(self) -> list[Row] | None:
        """Return what lies in the bucket of shared files, or nothing where it may not be read."""
        try:
            account = self.session.client("sts", endpoint_url=self.endpoint_url).get_caller_identity()["Account"]
            s3 = self.session.client("s3", endpoint_url=self.endpoint_url)
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=f"{self.name}-uploads-{account}")
            return [{"key": each["Key"], "size": each["Size"]} for page in pages for each in page.get("Contents", ())]
        except ClientError:
            return None


_PATIENT: Final = Config(retries={"mode": "standard", "total_max_attempts": 8})


def _rows(dynamodb: "DynamoDBClient", table: str) -> Iterator[Row]:
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table, ConsistentRead=True, PaginationConfig={"PageSize": _AT_ONCE}
    )
    for page in pages:
        for item in page["Items"]:
            stored: Mapping[str, Any] = item
            yield from_item(stored)


def _without_what_is_being_removed(tables: dict[str, list[Row]]) -> Tables:
    """Leave out the rows of test bookings whose removal has begun."""
    leaving = {text(row, "bookingId") for row in tables["bookings"] if BEING_REMOVED in row}
    if not leaving:
        return tables
    rooms = {text(row, "conversationId") for row in tables["chat_rooms"] if text(row, "bookingId") in leaving}

    def stays(row: Row) -> bool:
        named = {text(row, "bookingId"), text(row, "entityId"), text(row, "claimId")}
        room_id = text(row, "conversationId")
        return not (named & leaving or room_id in rooms or any(room in text(row, "claimKey") for room in rooms))

    return {table: [row for row in stored if stays(row)] for table, stored in tables.items()}
