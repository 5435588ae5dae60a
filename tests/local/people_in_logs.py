"""What the logs of the running system tell of people: nothing, whatever the tests have made it live through."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import boto3
from botocore.config import Config

from tools.local.outputs import Outputs

_TELLTALE: Final = re.compile(
    r"Sudarma"  # the name, and below the street, of what ``orders`` orders
    r"|Jalan\b"
    r"|(?<![\w-])(?:\+?62812\d{6}|0812[ -]?\d{4})"  # a number, as it is kept and as people write it; no piece of an id
    r"|eyJ[\w-]{10,}"  # a token: the beginning of its header
    r"|[?&]ticket=\w"
)


def telling(lines: Iterable[str]) -> list[str]:
    """Return the lines that tell of somebody, cut short."""
    return [line[:300] for line in lines if _TELLTALE.search(line)]


def lines_of(outputs: Outputs) -> Iterator[str]:
    """Yield what every function has logged so far."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=outputs.region)
    # The emulator stumbles over groups that come while it lists them; asked again, it answers.
    often = Config(retries={"mode": "standard", "total_max_attempts": 8})
    logs = session.client("logs", endpoint_url=outputs.aws_endpoint_url, config=often)
    for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{outputs.stack_name}")["logGroups"]:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            yield from (event["message"] for event in page["events"])
