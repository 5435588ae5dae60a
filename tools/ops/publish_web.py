"""The last step of `make deploy`: puts the built web client where the stack's distribution finds it.

Files that are named by their content come first and the start page last, so that nobody is ever given a start page
whose parts are not there yet. Parts of former builds stay a while: somebody may have an older page open.
"""

import json
import mimetypes
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, final
from uuid import uuid4

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.command_line import OneLineParser
from tools.local.imprint import operator_of
from tools.local.web_client import CLIENT, CONTENT_TYPES, cache_control, with_configuration
from tools.ops.stacks.environments import Environment, environment_of

START_PAGE: Final = "index.html"
PHOTOS: Final = "photos/"
CONFIGURATION: Final = "config.json"
KEPT_FOR: Final = timedelta(days=30)


@final
class Publication:
    """Brings one build to one deployed stack."""

    def __init__(self, session: boto3.Session, stack_name: str, *, endpoint_url: str | None = None) -> None:
        self._stack_name = stack_name
        self._region = session.region_name
        self._cloudformation = session.client("cloudformation", endpoint_url=endpoint_url)
        self._s3 = session.client("s3", endpoint_url=endpoint_url)
        self._cloudfront = session.client("cloudfront", endpoint_url=endpoint_url)

    def publish(self, build: Path, *, now: datetime) -> str:
        """Upload a build and have it served from now on; return the client's address.

        Raises:
            FileNotFoundError: the folder has no start page.
            botocore.exceptions.ClientError: the stack is not there, or AWS refuses.
        """
        if not (build / START_PAGE).is_file():
            raise FileNotFoundError(build / START_PAGE)
        configuration = self._configuration()
        bucket, present = self._resource("WebBucket"), {}
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            present.update({each["Key"]: each["LastModified"] for each in page.get("Contents", [])})
        names = list(_in_order(build))
        for name in names:
            # Parts that are there already too: an object's age is then the time since a build last had it.
            content = (build / name).read_bytes()
            if name == START_PAGE:
                self._put(bucket, CONFIGURATION, json.dumps(configuration).encode())
                content = with_configuration(content, configuration)
            self._put(bucket, name, content)
        for name, since in present.items():
            if name.startswith(PHOTOS):
                continue  # they are therapists', and no part of a build
            if name not in {*names, CONFIGURATION} and (not _is_named_by_content(name) or now - since > KEPT_FOR):
                self._s3.delete_object(Bucket=bucket, Key=name)
        # Any path may have been answered with the former start page.
        self._cloudfront.create_invalidation(
            DistributionId=self._resource("WebDistribution"),
            InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": str(uuid4())},
        )
        return configuration["webUrl"]

    def _put(self, bucket: str, name: str, content: bytes) -> None:
        content_type = CONTENT_TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
        self._s3.put_object(
            Bucket=bucket,
            Key=name,
            Body=content,
            ContentType=content_type or "application/octet-stream",
            CacheControl=cache_control(f"/{name}"),
        )

    def _configuration(self) -> dict[str, str]:
        """What the client is told: where its stack is, and who operates it."""
        stack = self._cloudformation.describe_stacks(StackName=self._stack_name)["Stacks"][0]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
        return {
            "restUrl": outputs["RestUrl"],
            "webSocketUrl": outputs["WebSocketUrl"],
            "webUrl": outputs["WebUrl"],
            "userPoolId": outputs["UserPoolId"],
            "userPoolClientId": outputs["UserPoolClientId"],
            "region": self._region,
            **operator_of(parameters),
        }

    def _resource(self, logical_id: str) -> str:
        found = self._cloudformation.describe_stack_resource(StackName=self._stack_name, LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]


def _in_order(build: Path) -> Iterator[str]:
    """Yield the files of a build: what others refer to first, the start page last."""
    names = sorted(path.relative_to(build).as_posix() for path in build.rglob("*") if path.is_file())
    yield from sorted(names, key=lambda name: (name == START_PAGE, not _is_named_by_content(name)))


def _is_named_by_content(name: str) -> bool:
    return name.startswith("assets/")


def publish(environment: Environment) -> int:
    """Publish the build of this checkout and print where it is; return the exit code."""
    try:
        session = boto3.Session(region_name=environment.region)
        address = Publication(session, environment.stack_name).publish(CLIENT, now=datetime.now(UTC))
    except (BotoCoreError, ClientError, FileNotFoundError) as error:
        print(f"the web client is not published: {error}", file=sys.stderr)
        return 1
    print(f"the web client is at {address}")
    return 0


def main() -> int:
    """Publish to the environment that the command line names."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--environment", required=True, help="a section of samconfig.toml")
    try:
        environment = environment_of(parser.parse_args().environment)
    except KeyError as error:
        print(str(error).strip("'\""), file=sys.stderr)
        return 2
    return publish(environment)


if __name__ == "__main__":
    sys.exit(main())
