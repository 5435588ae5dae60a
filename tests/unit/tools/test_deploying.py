"""Deploying to an account: what is wrong is said in one line before anything is created."""

from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from tools.ops.deploy import command
from tools.ops.preflight import Account, Finding, check
from tools.ops.stacks.environments import Environment, environment_of
from tools.ops.stacks.parameters import ParameterError, parse_parameters

PROD = Environment(name="prod", stack_name="marketplace", region="ap-southeast-3")
ROLE = "arn:aws:iam::123456789012:role/gateway"


def failure(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Any")


class Aws:
    """An account in which all is well; a test breaks what it is about."""

    def __init__(self) -> None:
        self.clients: dict[str, Any] = {}
        self("sts").get_caller_identity.return_value = {
            "Arn": "arn:aws:iam::123456789012:user/sri",
            "Account": "123456789012",
        }
        self("account").get_region_opt_status.return_value = {"RegionOptStatus": "ENABLED"}
        self("lambda").get_account_settings.return_value = {"AccountLimit": {"ConcurrentExecutions": 1000}}
        self("apigateway").get_account.return_value = {}
        self("cloudfront").list_distributions.return_value = {"DistributionList": {"Quantity": 1}}
        self("cloudformation").describe_stacks.side_effect = failure("ValidationError")
        self("dynamodb").get_paginator.return_value.paginate.return_value = [
            {"TableNames": ["marketplace-dev-bookings"]}
        ]
        self("s3").head_bucket.side_effect = failure("404")
        self("secretsmanager").describe_secret.side_effect = failure("ResourceNotFoundException")

    def __call__(self, service: str) -> Any:  # noqa: ANN401 - a client of any service
        return self.clients.setdefault(service, MagicMock())

    def has_stack(self, status: str, parameters: Mapping[str, str]) -> None:
        listed = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
        stack = {"StackName": "marketplace", "StackStatus": status, "Parameters": listed}
        self("cloudformation").describe_stacks.side_effect = None
        self("cloudformation").describe_stacks.return_value = {"Stacks": [stack]}

    def findings(self, **parameters: str) -> list[Finding]:
        return list(Account(self, PROD).findings({"AlarmEmail": "sri@example.com", **parameters}))

    def missing(self, **parameters: str) -> list[str]:
        return [finding.text for finding in self.findings(**parameters) if finding.is_missing]


def test_nothing_is_missing_in_an_account_that_is_ready() -> None:
    assert Aws().missing() == []


def without_credentials(aws: Aws) -> None:
    aws("sts").get_caller_identity.side_effect = NoCredentialsError()


def without_the_region(aws: Aws) -> None:
    aws("account").get_region_opt_status.return_value = {"RegionOptStatus": "DISABLED"}


def with_tables_of_before(aws: Aws) -> None:
    pages = [{"TableNames": ["marketplace-dev-bookings", "marketplace-bookings"]}]
    aws("dynamodb").get_paginator.return_value.paginate.return_value = pages


def with_the_secret_of_before(aws: Aws) -> None:
    aws("secretsmanager").describe_secret.side_effect = None


def with_a_bucket_of_papers(aws: Aws) -> None:
    absent = failure("404")

    def head_bucket(Bucket: str) -> None:  # noqa: N803 - botocore's name
        if Bucket != "marketplace-papers-123456789012":
            raise absent

    aws("s3").head_bucket.side_effect = head_bucket


def with_a_stack_that_was_rolled_back(aws: Aws) -> None:
    aws.has_stack("ROLLBACK_COMPLETE", {})


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        (without_credentials, "credentials"),
        (without_the_region, "region: ap-southeast-3 is not enabled"),
        (with_tables_of_before, "table marketplace-bookings"),
        (with_the_secret_of_before, "secret marketplace/sealing, secret marketplace/push"),
        (with_a_bucket_of_papers, "bucket marketplace-papers-123456789012"),
        (with_a_stack_that_was_rolled_back, "ROLLBACK_COMPLETE"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_what_is_missing_is_said_in_one_line(breaks: Callable[[Aws], None], says: str) -> None:
    aws = Aws()
    breaks(aws)
    (line,) = aws.missing()
    assert says in line
    assert "\n" not in line
    assert "marketplace-dev" not in line
    assert not check(PROD, {"AlarmEmail": ""}, account=Account(aws, PROD))


def test_a_new_account_s_ten_executions_are_remarked_on_with_the_way_to_raise_them() -> None:
    aws = Aws()
    aws("lambda").get_account_settings.return_value = {"AccountLimit": {"ConcurrentExecutions": 10}}
    (line,) = [finding.text for finding in aws.findings() if finding.text.startswith("Lambda")]
    assert "only 10" in line
    assert "request-service-quota-increase" in line
    assert aws.missing() == []


def test_a_gateway_role_that_the_account_has_is_named_unless_it_is_given_or_gone() -> None:
    aws = Aws()
    aws("apigateway").get_account.return_value = {"cloudwatchRoleArn": ROLE}

    def line(**parameters: str) -> str:
        (found,) = [finding.text for finding in aws.findings(**parameters) if finding.text.startswith("API Gateway")]
        return found

    assert f"GatewayLogRoleArn={ROLE}" in line()
    assert "goes on" in line(GatewayLogRoleArn=ROLE)
    aws("iam").get_role.side_effect = failure("NoSuchEntity")
    assert "gone" in line()


def test_what_one_may_not_look_at_stops_nothing_else() -> None:
    aws = Aws()
    aws("cloudfront").list_distributions.side_effect = failure("AccessDenied")
    texts = [finding.text for finding in aws.findings()]
    assert any(text.startswith("not allowed to look") for text in texts)
    assert any(text.startswith("names:") for text in texts)
    assert aws.missing() == []


def test_production_asks_for_the_alarm_s_address_until_it_has_been_decided() -> None:
    aws = Aws()
    assert [text for text in texts_missing(aws, {}) if "AlarmEmail" in text]
    assert texts_missing(aws, {"AlarmEmail": ""}) == []
    aws.has_stack("UPDATE_COMPLETE", {"AlarmEmail": ""})
    assert texts_missing(aws, {}) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"DomainName": "example.com", "HostedZoneId": "Z1", "CertificateArn": "arn:aws:acm:x"}, "WebCertificateArn"),
        ({"WhatsAppNumberId": "1"}, "WhatsAppNumberId needs WhatsAppToken"),
        ({"PaymentProvider": "xendit", "PaymentApiKey": "k"}, "PaymentProvider needs PaymentCallbackToken"),
        ({"EmulatorUrl": "http://127.0.0.1:4566"}, "EmulatorUrl is for a laptop"),
        ({"ReservedExecutions": "301"}, "903 of 1000"),
    ],
)
def test_what_a_parameter_needs_beside_it_is_asked_for_before_anything_is_created(
    given: Mapping[str, str], says: str
) -> None:
    (line,) = texts_missing(Aws(), {"AlarmEmail": "", **given})
    assert says in line


def test_what_an_earlier_deployment_decided_need_not_be_given_again() -> None:
    aws = Aws()
    aws.has_stack("UPDATE_COMPLETE", {"AlarmEmail": "", "WhatsAppToken": "****"})
    assert texts_missing(aws, {"WhatsAppNumberId": "1", "ReservedExecutions": "300"}) == []


def texts_missing(aws: Aws, parameters: Mapping[str, str]) -> list[str]:
    return [finding.text for finding in Account(aws, PROD).findings(parameters) if finding.is_missing]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("AlarmMail=a@b.c", "no parameter AlarmMail"),
        ("CommissionRateBps=many", "is a number"),
        ("CommissionRateBps=10001", "from 0 to 10000"),
        ("Firewall=on", "one of off, count, block"),
        ("GatewayLogRoleArn=gateway", "form"),
        ("CommissionRateBps", "Name=value"),
        ("AlarmEmail='a", "cannot be read"),
    ],
)
def test_a_wrong_parameter_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(ParameterError, match=says) as refused:
        parse_parameters(text)
    assert "\n" not in str(refused.value)


def test_parameters_are_read_as_a_shell_reads_them() -> None:
    assert parse_parameters("AlarmEmail= AllowedOrigins='https://a.example,https://b.example' Firewall=block") == {
        "AlarmEmail": "",
        "AllowedOrigins": "https://a.example,https://b.example",
        "Firewall": "block",
    }


@pytest.mark.parametrize("status", [None, "CREATE_FAILED"])
def test_a_failed_creation_is_kept_so_that_the_same_command_goes_on(status: str | None) -> None:
    assert "--disable-rollback" in command(PROD, {}, stack_status=status, asks=False)


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_failed_update_is_rolled_back(status: str) -> None:
    assert "--no-disable-rollback" in command(PROD, {}, stack_status=status, asks=False)


def test_whether_a_person_is_asked_is_the_caller_s_choice() -> None:
    assert "--no-confirm-changeset" in command(PROD, {}, stack_status=None, asks=False)
    called = command(PROD, {"AlarmEmail": "", "Firewall": "block"}, stack_status=None, asks=True)
    assert "--confirm-changeset" in called
    assert list(called[-3:]) == ["--parameter-overrides", "AlarmEmail=", "Firewall=block"]


def test_each_environment_has_a_stack_of_its_own_and_others_are_refused() -> None:
    assert environment_of("dev").stack_name != environment_of("prod").stack_name
    for name in ("local", "staging"):
        with pytest.raises(KeyError, match="there are dev, prod"):
            environment_of(name)
