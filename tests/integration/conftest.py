"""The stack in memory, for tests of handlers: one thread and small tables, for moto is not atomic under threads."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.loaders import JSONFileLoader
from moto import mock_aws

from marketplace import bootstrap
from marketplace.notification import reach_settings
from marketplace.platform import settings
from tests import rights
from tests.cloudformation import load_template, resolved, resources_of
from tests.events import Invocation
from tests.integration.open_sockets import OpenSockets

if TYPE_CHECKING:
    from types import FrameType

    from types_boto3_dynamodb.service_resource import Table

STACK: Final = "marketplace-test"
REGION: Final = "us-east-1"
_ACCOUNT: Final = "123456789012"
_TABLE_PROPERTIES: Final = (
    "TableName",
    "BillingMode",
    "KeySchema",
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)


@pytest.fixture(scope="session", autouse=True)
def _read_descriptions_once() -> Iterator[None]:
    """Read each of botocore's descriptions once: with every test moto begins a new session, which reads anew."""
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(JSONFileLoader, "load_file", staticmethod(cache(JSONFileLoader().load_file)))
        yield


@pytest.fixture
def invocation() -> Invocation:
    return Invocation()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, str]]:
    """AWS in memory with everything that the functions' environment names; yields that environment."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_NAME": "test",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        environment = _environment(_make_what_it_names())
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        _forget_cached()
        watched = rights.Watch()

        def judge(**asked: Any) -> None:  # noqa: ANN401 - what botocore tells its hooks
            """Judge a call by the role of the function in whose handler it is made; the test's own are nobody's."""
            function = _function_in_sight()
            if function is not None:
                with watched.running(function):
                    model = asked["model"]
                    service = model.service_model.service_name
                    watched.allows(service, xform_name(model.name), asked["params"], f"{STACK}-")

        monkeypatch.setattr(bootstrap, "client", _with_open_sockets(bootstrap.client))
        bootstrap.session().register("provide-client-params.*.*", judge)
        yield environment
        assert sorted(watched.missing) == []
    _forget_cached()


def _with_open_sockets(client: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes clients, but for the gateway's, at which every socket is open, and for an empty user pool."""
    stand_ins = {"apigatewaymanagementapi": OpenSockets, "cognito-idp": EmptyUserPool}
    return lambda service, *of: stand_ins[service]() if service in stand_ins else client(service, *of)


class EmptyUserPool:
    """A user pool in which nobody is; moto's wants a library of its own."""

    def admin_list_groups_for_user(self, **_: Any) -> None:  # noqa: ANN401 - of the real client
        """Say that there is nobody."""
        raise ClientError(
            {"Error": {"Code": "UserNotFoundException"}, "ResponseMetadata": {"HTTPStatusCode": 400}},  # type: ignore[typeddict-item]  # as little as is read
            "AdminListGroupsForUser",
        )


def _function_in_sight() -> str | None:
    """Return the function whose handler is on the stack."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the way to the stack
    while frame is not None:
        found = re.search(r"/functions/(\w+)/handler\.py$", frame.f_code.co_filename)
        if found:
            return found[1]
        frame = frame.f_back
    return None


@pytest.fixture
def tables(aws: Mapping[str, str]) -> Mapping[str, "Table"]:
    """Every table of the template, empty, by its name without the stack's."""
    database = boto3.resource("dynamodb")
    made = {}
    for table in resources_of(load_template(), "AWS::DynamoDB::Table").values():
        definition: Any = resolved({name: table[name] for name in _TABLE_PROPERTIES if name in table}, _PSEUDO, {})
        if "StreamSpecification" in table:
            definition["StreamSpecification"] = {"StreamEnabled": True, **table["StreamSpecification"]}
        name = str(definition["TableName"]).removeprefix(aws["TABLE_PREFIX"])
        made[name] = database.create_table(**definition)
    return made


_PSEUDO: Final = {
    "AWS::StackName": STACK,
    "AWS::Region": REGION,
    "AWS::AccountId": _ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


def _make_what_it_names() -> dict[str, Any]:
    """Make the secret, keys, queues, bus and bucket, and return the values of references to them."""
    secret = boto3.client("secretsmanager").create_secret(Name=f"{STACK}/sealing", SecretString="s" * 64)
    push = boto3.client("secretsmanager").create_secret(Name=f"{STACK}/push", SecretString="p" * 64)
    key = boto3.client("kms").create_key()["KeyMetadata"]
    proofs = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    queue = boto3.client("sqs").create_queue(QueueName=f"{STACK}-parked-changes")
    boto3.client("events").create_event_bus(Name=STACK)
    boto3.client("s3").create_bucket(Bucket=f"{STACK}-uploads-{_ACCOUNT}")
    return {
        "SealingSecret": secret["ARN"],
        "PushSecret": push["ARN"],
        "BankDetailsKey.Arn": key["Arn"],
        "ProofKey.Arn": proofs["Arn"],
        "ParkedChangesQueue": queue["QueueUrl"],
        "EventBus": STACK,
        "WebSocketApi": "a1b2c3",
        "UserPool": f"{REGION}_test",
        "UserPoolClient": "test-client",
    }


def _environment(made: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that the template sets for every function of a deployment to AWS."""
    template = load_template()
    defaults = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
    known = {**_PSEUDO, **defaults, **made, "AllowedOrigins": ["https://web.example.com"]}
    variables = resolved(
        template["Globals"]["Function"]["Environment"]["Variables"], known, {"OnAws": True, "NamesOrigins": True}
    )
    return {name: str(value) for name, value in variables.items()} | {
        "POWERTOOLS_SERVICE_NAME": "test",
        "PUSH_SECRET_ID": str(made["PushSecret"]),
        "PROOF_KEY_ID": str(made["ProofKey.Arn"]),
    }


def _forget_cached() -> None:
    """Forget clients and settings of the test before."""
    for module in (bootstrap, settings, reach_settings):
        for factory in vars(module).values():
            if hasattr(factory, "cache_clear"):
                factory.cache_clear()
