"""`make preflight`: says what an AWS account lacks before anything is created in it, in one line each.

It reads and changes nothing. ``make deploy`` begins with it.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.command_line import OneLineParser
from tools.ops.stacks.environments import Environment, environment_of
from tools.ops.stacks.parameters import ParameterError, missing, names_that_stay, parse_parameters

ENOUGH_EXECUTIONS: Final = 100
"""Functions that run at once; a stack with people in it takes some tens."""
RESERVING_FUNCTIONS: Final = 3
"""Functions for each of which ``ReservedExecutions`` are kept."""
UNRESERVED_EXECUTIONS: Final = 100
"""What Lambda wants left of an account's executions; by its documentation of reserved concurrency."""
PRODUCTION: Final = "prod"
_CONCURRENCY_QUOTA: Final = "L-B99A9384"
_STUCK: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"})
_GONE: Final = frozenset(
    {"404", "NoSuchBucket", "NotFound", "ResourceNotFoundException", "ValidationError", "NoSuchEntity"}
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report; what is missing stops a deployment, a remark does not."""

    text: str
    is_missing: bool = False


@final
class Account:
    """The account and region that a stack goes to."""

    def __init__(self, client: Callable[[str], Any], environment: Environment) -> None:
        """Ask AWS through ``client``."""
        self._client = client
        self._environment = environment

    def findings(self, parameters: Mapping[str, str]) -> Iterator[Finding]:
        """Yield what is found, credentials first: without them nothing else can be asked."""
        try:
            caller = self._client("sts").get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            yield Finding(text=f"credentials: none that work ({_reason(error)}); see aws configure", is_missing=True)
            return
        yield Finding(text=f"credentials: {caller['Arn']}")
        status = self._region_status()
        if status == "DISABLED":
            region = self._environment.region
            yield Finding(
                text=f"region: {region} is not enabled; aws account enable-region --region-name {region}, then wait",
                is_missing=True,
            )
            return
        yield Finding(text=f"region: {self._environment.region} is {status.lower().replace('_', ' ')}")
        looks: Sequence[Callable[[], Iterator[Finding]]] = (
            lambda: self._parameters(parameters),
            lambda: self._executions(parameters),
            lambda: self._gateway_role(parameters),
            self._distributions,
            lambda: self._left_over(str(caller["Account"])),
        )
        for look in looks:
            try:
                yield from look()
            except (BotoCoreError, ClientError) as error:
                yield Finding(text=f"not allowed to look: {_reason(error)}")

    def _region_status(self) -> str:
        try:
            answer = self._client("account").get_region_opt_status(RegionName=self._environment.region)
        except (BotoCoreError, ClientError):
            return "UNKNOWN"
        return str(answer["RegionOptStatus"])

    def _parameters(self, given: Mapping[str, str]) -> Iterator[Finding]:
        stack = self.stack()
        known = {each["ParameterKey"]: str(each["ParameterValue"]) for each in (stack or {}).get("Parameters", [])}
        lacking = list(missing(given, known, is_production=self._environment.name == PRODUCTION))
        for each in lacking:
            yield Finding(text=f"parameters: {each}", is_missing=True)
        if not lacking:
            yield Finding(text="parameters: complete")
        if stack is None:
            yield Finding(text=f"stack: {self._environment.stack_name} does not exist yet")
        elif stack["StackStatus"] in _STUCK:
            yield Finding(
                text=f"stack: {stack['StackName']} is {stack['StackStatus']}; delete it, see docs/operating.md",
                is_missing=True,
            )
        elif stack["StackStatus"].endswith("IN_PROGRESS") and stack["StackStatus"] != "REVIEW_IN_PROGRESS":
            yield Finding(text=f"stack: {stack['StackName']} is {stack['StackStatus']}; wait for it", is_missing=True)
        else:
            yield Finding(text=f"stack: {stack['StackName']} is {stack['StackStatus']}")

    def _executions(self, parameters: Mapping[str, str]) -> Iterator[Finding]:
        limit = self._client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        reserved = RESERVING_FUNCTIONS * int(float(parameters.get("ReservedExecutions", 0)))
        if reserved and limit - reserved < UNRESERVED_EXECUTIONS:
            yield Finding(
                text=f"Lambda: ReservedExecutions takes {reserved} of {limit} executions, and"
                f" {UNRESERVED_EXECUTIONS} must be left unreserved",
                is_missing=True,
            )
            return
        if limit >= ENOUGH_EXECUTIONS:
            yield Finding(text=f"Lambda: {limit} executions at once")
            return
        yield Finding(
            text=f"Lambda: only {limit} executions at once in the whole account; to raise it: aws service-quotas"
            f" request-service-quota-increase --service-code lambda --quota-code {_CONCURRENCY_QUOTA}"
            f" --desired-value 1000 --region {self._environment.region}"
        )

    def _gateway_role(self, parameters: Mapping[str, str]) -> Iterator[Finding]:
        arn = self._client("apigateway").get_account().get("cloudwatchRoleArn")
        if not arn:
            yield Finding(text="API Gateway: has no role to log under in this region; the stack makes one, which stays")
            return
        try:
            self._client("iam").get_role(RoleName=arn.rpartition("/")[2])
        except ClientError as error:
            if _code(error) not in _GONE:
                raise
            yield Finding(text=f"API Gateway: logs under {arn}, which is gone; the stack sets one of its own")
            return
        if parameters.get("GatewayLogRoleArn") == arn:
            yield Finding(text=f"API Gateway: goes on logging under {arn}")
        else:
            yield Finding(text=f"API Gateway: logs under {arn} in this region; to leave it so, GatewayLogRoleArn={arn}")

    def _distributions(self) -> Iterator[Finding]:
        listed = self._client("cloudfront").list_distributions(MaxItems="1").get("DistributionList", {})
        if listed.get("Quantity", 0):
            yield Finding(text="CloudFront: this account has distributions")
        else:
            yield Finding(
                text="CloudFront: no distribution yet; AWS may want to verify a new account first: open a support case"
                " (Account, CloudFront) if the stack says that the account must be verified"
            )

    def _left_over(self, account_id: str) -> Iterator[Finding]:
        """Name what an earlier stack of this name left behind: a new one cannot take the same names."""
        if self.stack() is not None:
            return
        name, found = self._environment.stack_name, list[str]()

        def left(kind: str, place: str) -> Iterator[str]:
            for each in names_that_stay(kind, place):
                yield each.replace("${AWS::StackName}", name).replace("${AWS::AccountId}", account_id)

        ours = set(left("AWS::DynamoDB::Table", "TableName"))
        for page in self._client("dynamodb").get_paginator("list_tables").paginate():
            found += [f"table {table}" for table in page["TableNames"] if table in ours]
        s3, secrets = self._client("s3"), self._client("secretsmanager")
        for bucket in left("AWS::S3::Bucket", "BucketName"):
            if self._is_there(partial(s3.head_bucket, Bucket=bucket)):
                found.append(f"bucket {bucket}")
        for secret in left("AWS::SecretsManager::Secret", "Name"):
            if self._is_there(partial(secrets.describe_secret, SecretId=secret)):
                found.append(f"secret {secret}")
        if found:
            yield Finding(
                text=f"names: an earlier stack left {', '.join(found)}; bring them back by import,"
                " see docs/operating.md#throwing-a-stack-away",
                is_missing=True,
            )
        else:
            yield Finding(text=f"names: none of {name} is taken")

    @staticmethod
    def _is_there(look: Callable[[], object]) -> bool:
        try:
            look()
        except ClientError as error:
            if _code(error) in _GONE:
                return False
            raise
        return True

    def stack(self) -> Mapping[str, Any] | None:
        """Return what CloudFormation says of the stack, if there is one."""
        try:
            stacks = self._client("cloudformation").describe_stacks(StackName=self._environment.stack_name)["Stacks"]
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            raise
        found: Mapping[str, Any] = stacks[0]
        return None if found["StackStatus"] in {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"} else found


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())


def account_of(environment: Environment) -> Account:
    """Return the account that the credentials in place lead to."""
    client: Any = boto3.Session(region_name=environment.region).client
    return Account(client, environment)


def check(environment: Environment, parameters: Mapping[str, str], *, account: Account | None = None) -> bool:
    """Print the findings; return whether nothing is missing."""
    is_ready = True
    for finding in (account or account_of(environment)).findings(parameters):
        print(f"{'MISSING' if finding.is_missing else 'ok     '} {finding.text}", flush=True)
        is_ready = is_ready and not finding.is_missing
    return is_ready


def main() -> int:
    """Print the report; the exit code tells whether something is missing."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--environment", required=True, help="a section of samconfig.toml")
    parser.add_argument("--parameters", default="")
    chosen = parser.parse_args()
    try:
        environment, parameters = environment_of(chosen.environment), parse_parameters(chosen.parameters)
    except (ParameterError, KeyError) as error:
        print(str(error).strip("'\""), file=sys.stderr)
        return 2
    return 0 if check(environment, parameters) else 1


if __name__ == "__main__":
    sys.exit(main())
