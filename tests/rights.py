"""What each function may do by its role, and what functions were seen to do: pairs of an action and a thing.

A thing is named without the account and the stack: ``table/bookings``, ``table/bookings/index/byStatus``,
``secret``, ``uploads/rooms``. What has been seen comes from calls of handlers in memory, and from the
emulator, which judges every request by the roles when ``AUTH=true``.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.cloudformation import Template, functions_of, load_template
from tests.template.promises import listed

if TYPE_CHECKING:
    from types import FrameType

type Right = tuple[str, str, str]
"""Function, action, thing."""

BY_THE_PLATFORM: Final = frozenset(
    {
        # Lambda polls streams, and hands failed events on, in the function's name.
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        # The runtime writes logs and traces.
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }
)
_IN_TRANSACTIONS: Final = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}

seen: set[Right] = set()
"""What handlers did in this process."""


def granted(template: Template | None = None) -> Iterator[Right]:
    """Yield what each function's own role lets it do."""
    template = template or load_template()
    for logical_id, function in functions_of(template).items():
        role = template["Resources"][logical_id.removesuffix("Function") + "Role"]["Properties"]
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                for action in listed(statement["Action"]):
                    for resource in listed(statement["Resource"]):
                        yield str(function["CodeUri"]).removeprefix("functions/"), action, _thing(template, resource)


def _thing(template: Template, resource: Any) -> str:  # noqa: ANN401 - any resource of a policy
    match resource:
        case {"Fn::GetAtt": [logical_id, _]} | {"Ref": logical_id}:
            return _name_of(template, logical_id)
        case {"Fn::Sub": text}:
            index = re.fullmatch(r"\$\{(\w+)\.Arn\}/index/(\w+)", text)
            if index:
                return f"{_name_of(template, index[1])}/index/{index[2]}"
            return str(text)
        case _:
            return str(resource)


def _name_of(template: Template, logical_id: str) -> str:
    resource = template["Resources"][logical_id]
    if resource["Type"] == "AWS::DynamoDB::Table":
        return "table/" + str(resource["Properties"]["TableName"]["Fn::Sub"]).removeprefix("${AWS::StackName}-")
    return str(logical_id)


def of_tables(rights: Iterator[Right]) -> set[Right]:
    """Return the rights on tables, which are told apart table by table and index by index."""
    return {right for right in rights if right[2].startswith("table/") and right[1] not in BY_THE_PLATFORM}


def note(prefix: str, params: Mapping[str, Any], operation: str) -> None:
    """Note what a function asks of DynamoDB; calls of the tests' own are nobody's."""
    function = _running_function()
    if function is None:
        return
    for action, table in _asked(operation, params):
        index = f"/index/{params['IndexName']}" if operation in {"Query", "Scan"} and "IndexName" in params else ""
        seen.add((function, action, f"table/{table.removeprefix(prefix)}{index}"))


def _asked(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    match operation:
        case "TransactWriteItems":
            for item in params["TransactItems"]:
                for kind, request in item.items():
                    yield _IN_TRANSACTIONS[kind], request["TableName"]
        case "BatchGetItem" | "BatchWriteItem":
            for table in params["RequestItems"]:
                yield f"dynamodb:{operation}", table
        case _:
            yield f"dynamodb:{operation}", params["TableName"]


def _running_function() -> str | None:
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the way to the stack
    while frame is not None:
        found = re.search(r"/functions/(\w+)/handler\.py$", frame.f_code.co_filename)
        if found:
            return found[1]
        frame = frame.f_back
    return None


def in_log(log: Path, folders: Mapping[str, str]) -> Iterator[tuple[Right, bool]]:
    """Yield what the emulator saw functions do, and whether their roles let them.

    ``folders`` has each function's folder by the logical id of its role.
    """
    for line in log.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        role = re.search(r":assumed-role/[\w-]+?-(\w+Role)-", entry["principal"])
        if role and role[1] in folders:
            resource = re.sub(r"^arn:aws:dynamodb:[^:]*:\d*:table/marketplace-", "table/", entry["resource"])
            yield (folders[role[1]], entry["action"], resource), entry["allowed"]


def roles() -> dict[str, str]:
    """Return the folder of each function by its role's logical id."""
    return {
        logical_id.removesuffix("Function") + "Role": str(function["CodeUri"]).removeprefix("functions/")
        for logical_id, function in functions_of(load_template()).items()
    }
