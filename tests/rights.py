"""What each function may do by its role, and what functions are seen to do: pairs of an action and a thing.

A thing is named without the account and the stack: ``table/bookings``, ``table/bookings/index/byStatus``,
``secret/sealing-??????``, ``uploads/incoming/*``, ``sockets/POST/@connections/*``, else by its logical id. What has
been seen comes from handlers in memory, whose calls are judged here as AWS would judge them, and from the emulator,
which judges every request by the roles when it is started with ``ENFORCE=1``.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final, final

from tests.cloudformation import Template, functions_of, load_template
from tests.template.promises import listed

type Right = tuple[str, str, str]
"""Function, action, thing."""

_IN_TRANSACTIONS: Final = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
_STREAM_ACTIONS: Final = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
_BEGINNINGS: Final = {
    "arn:${AWS::Partition}:s3:::${AWS::StackName}-uploads-${AWS::AccountId}": "uploads",
    "${PapersBucket.Arn}": "papers",
    "arn:${AWS::Partition}:s3:::${AWS::StackName}-web-${AWS::AccountId}": "web",
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/": "secret/",
    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${WebSocketApi}/v1/": "sockets/",
}
_IN_ARNS: Final = (
    (r"^arn:aws:dynamodb:[^:]*:\d*:table/marketplace-", "table/"),
    (r"^arn:aws:s3:::marketplace-uploads-\d+", "uploads"),
    (r"^arn:aws:s3:::marketplace-papers-\d+", "papers"),
    (r"^arn:aws:s3:::marketplace-web-\d+", "web"),
    (r"^arn:aws:secretsmanager:[^:]*:\d*:secret:marketplace/", "secret/"),
    (r"^arn:aws:execute-api:[^:]*:\d*:\w+/v1/", "sockets/"),
)


# By the template ------------------------------------------------------------------------------------------


def granted(template: Template | None = None) -> Iterator[Right]:
    """Yield what each function's own role lets it do."""
    template = template or load_template()
    for logical_id, function in functions_of(template).items():
        role = template["Resources"][logical_id.removesuffix("Function") + "Role"]["Properties"]
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                for action in listed(statement["Action"]) if statement["Effect"] == "Allow" else ():
                    for resource in listed(statement["Resource"]):
                        yield _folder(function), action, _thing(template, resource)


def used_by_the_platform(template: Template | None = None) -> Iterator[Right]:
    """Yield what Lambda does in a function's name: poll its streams and queues, put aside what failed for good."""
    template = template or load_template()
    for function in functions_of(template).values():
        failed = function.get("EventInvokeConfig", {}).get("DestinationConfig", {}).get("OnFailure", {})
        if failed:
            yield _folder(function), "sqs:SendMessage", _thing(template, failed["Destination"])
        for event in function.get("Events", {}).values():
            if event["Type"] == "DynamoDB":
                table = _thing(template, event["Properties"]["Stream"])
                for action in _STREAM_ACTIONS:
                    yield _folder(function), action, table
                failed = event["Properties"]["DestinationConfig"]["OnFailure"]
                yield _folder(function), "sqs:SendMessage", _thing(template, failed["Destination"])
            if event["Type"] == "SQS":
                queue = _thing(template, event["Properties"]["Queue"])
                for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"):
                    yield _folder(function), action, queue


def _thing(template: Template, resource: Any) -> str:  # noqa: ANN401 - any resource of a policy
    match resource:
        case {"Fn::GetAtt": [logical_id, _]} | {"Ref": logical_id}:
            return _name_of(template, logical_id)
        case {"Fn::Sub": text}:
            index = re.fullmatch(r"\$\{(\w+)\.Arn\}/index/(\w+)", text)
            if index:
                return f"{_name_of(template, index[1])}/index/{index[2]}"
            for beginning, name in _BEGINNINGS.items():
                if text.startswith(beginning):
                    return name + str(text).removeprefix(beginning)
            return str(text)
        case _:
            return str(resource)


def _name_of(template: Template, logical_id: str) -> str:
    resource = template["Resources"][logical_id]
    if resource["Type"] == "AWS::DynamoDB::Table":
        return "table/" + str(resource["Properties"]["TableName"]["Fn::Sub"]).removeprefix("${AWS::StackName}-")
    return str(logical_id)


def _folder(function: Mapping[str, Any]) -> str:
    return str(function["CodeUri"]).removeprefix("functions/")


@cache
def granted_rights() -> frozenset[Right]:
    """Return what each function's role of the template lets it do."""
    return frozenset(granted())


def grant_of(right: Right) -> Right | None:
    """Return which right of the template covers what a function did, if one does."""
    function, action, thing = right
    for candidate in granted_rights():
        if candidate[:2] == (function, action) and fnmatchcase(thing, candidate[2]):
            return candidate
    return None


# By what functions do -------------------------------------------------------------------------------------


@final
class Watch:
    """Judges the calls of one function after the other, or of several side by side, by their roles."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.used: set[Right] = set()
        """Rights of the template that some call needed."""
        self.missing: set[Right] = set()
        """What functions did without a right to it."""
        self._own = threading.local()
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """Let what this thread does, and threads that are nobody else's, be a function's doing."""
        before: str | None = getattr(self._own, "function", None)
        self._own.function = function
        with self._lock:
            self._running[function] += 1
        try:
            yield
        finally:
            self._own.function = before
            with self._lock:
                self._running -= Counter([function])

    def allows(self, service: str, operation: str, request: Mapping[str, Any], prefix: str) -> bool:
        """Note a call (``dynamodb``, ``get_item``), and say whether the function that makes it may make it."""
        function = self._whose()
        if not function:
            return True
        allowed = True
        for action, thing in asked(service, operation, request, prefix):
            grant = grant_of((function, action, thing))
            with self._lock:
                if grant is None:
                    self.missing.add((function, action, thing))
                    allowed = False
                else:
                    self.used.add(grant)
        return allowed

    def _whose(self) -> str | None:
        """Return the function that this thread works for; a thread of a pool belongs to the only one that runs."""
        own: str | None = getattr(self._own, "function", None)
        if own is not None:
            return own
        with self._lock:
            return next(iter(self._running)) if len(self._running) == 1 else None


def asked(service: str, operation: str, request: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the actions, and on what, that IAM judges a call by; ``prefix`` begins the tables' names."""
    match service:
        case "dynamodb":
            yield from _asked_of_tables(operation, request, prefix)
        case "s3":
            yield from _asked_of_files(operation, request)
        case "apigatewaymanagementapi":
            method = {"post_to_connection": "POST", "delete_connection": "DELETE"}[operation]
            yield "execute-api:ManageConnections", f"sockets/{method}/@connections/{request['ConnectionId']}"
        case "sqs" | "secretsmanager":
            named = str(request.get("QueueUrl") or request.get("SecretId")).rpartition("/")[2]
            yield f"{service}:{_action(operation)}", _OTHERS.get(named, _THE_ONLY[service])
        case "kms" if operation == "sign":
            yield "kms:Sign", "ProofKey"
        case _:
            yield f"{service}:{_action(operation)}", _THE_ONLY[service]


def _asked_of_tables(operation: str, request: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    match operation:
        case "transact_write_items":
            for item in request["TransactItems"]:
                for kind, part in item.items():
                    yield _IN_TRANSACTIONS[kind], _table(part["TableName"], prefix)
        case "batch_get_item" | "batch_write_item":
            for table in request["RequestItems"]:
                yield f"dynamodb:{_action(operation)}", _table(table, prefix)
        case _:
            index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
            yield f"dynamodb:{_action(operation)}", _table(request["TableName"], prefix) + index


def _asked_of_files(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    match operation:
        case "generate_presigned_url":
            yield "s3:GetObject", f"uploads/{request['Params']['Key']}"
        case _ if "Key" not in request:
            return  # botocore looks up the bucket's address for a form, and calls nobody
        case "generate_presigned_post":
            yield "s3:PutObject", f"uploads/{request['Key']}"
        case "head_object":
            yield "s3:GetObject", f"uploads/{request['Key']}"
        case _:
            version = "Version" if "VersionId" in request else ""
            name = str(request.get("Bucket"))
            bucket = "papers" if "-papers-" in name else "web" if "-web-" in name else "uploads"
            yield f"s3:{_action(operation)}{version}", f"{bucket}/{request['Key']}"


def _action(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))


_THE_ONLY: Final = {
    "secretsmanager": "secret/sealing-a1b2c3",
    "kms": "BankDetailsKey",
    "events": "EventBus",
    "sqs": "ParkedChangesQueue",
    "sns": "AlarmTopic",
    "translate": "*",
    "cognito-idp": "UserPool",
}
"""What a function reaches of these services."""
_OTHERS: Final = {
    "whats_app_queue_url": "WhatsAppQueue",
    "email_queue_url": "EmailQueue",
    "sms_queue_url": "SmsQueue",
    "push_queue_url": "PushQueue",
    "webhook_queue_url": "WebhookQueue",
    "push_secret_id": "secret/push-a1b2c3",
}
"""Queues and secrets beside these, by the ends of what leads to them in tests."""


def _table(name: str, prefix: str) -> str:
    return "table/" + name.removeprefix(prefix)


# By what the emulator saw ---------------------------------------------------------------------------------


def in_log(log: Path) -> Iterator[tuple[Right, bool]]:
    """Yield what the emulator saw functions do, and whether their roles let them."""
    folders = roles()
    for line in log.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        role = re.search(r":assumed-role/[\w-]+?-(\w+Role)-", entry["principal"])
        if role and role[1] in folders:
            thing = str(entry["resource"])
            for pattern, name in _IN_ARNS:
                thing = re.sub(pattern, name, thing)
            yield (folders[role[1]], entry["action"], thing), entry["allowed"]


def roles() -> dict[str, str]:
    """Return the folder of each function by its role's logical id."""
    return {
        logical_id.removesuffix("Function") + "Role": _folder(function)
        for logical_id, function in functions_of(load_template()).items()
    }
