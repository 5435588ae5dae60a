"""The running system as a test sees it: people of the test's own, the tables behind them, and many calls at once."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from copy import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, final

import boto3

from marketplace.catalogue.repository import Catalogue
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.resilience import Dependency
from tools.local import demo_data, person
from tools.local.outputs import Outputs, User
from tools.local.person import Person

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

# Each request holds one of the emulator's 64 threads, and so does each call that its function makes.
AT_ONCE: Final = 24


@final
class World:
    """Everything a test needs of the running system; what it opens is closed with ``closing``."""

    def __init__(self, outputs: Outputs, closing: ExitStack) -> None:
        self.outputs = outputs
        self._closing = closing

    # People ---------------------------------------------------------------------------------------------

    def stranger(self) -> Person:
        """Return somebody who has not signed in."""
        return self._until_the_end(person.stranger(self.outputs))

    def guest(self, language: str = "en") -> Person:
        """Return a new customer without an account."""
        return self._until_the_end(person.guest(self.outputs, language))

    def demo_user(self, user_id: str) -> Person:
        """Return a demo user, signed in."""
        return self._until_the_end(person.member(self.outputs, self.outputs.users[user_id]))

    def admin(self) -> Person:
        """Return the demo administrator."""
        return self.demo_user("a-admin")

    def customer(self) -> Person:
        """Return a new customer with an account."""
        return self._new_member("customer", f"c-{secrets.token_hex(8)}")

    def therapist(self, **differing: Any) -> Person:  # noqa: ANN401 - any attribute of a therapist
        """Return a new therapist like t-ayu, but for what differs (``time_zone="Asia/Jakarta"``), signed in."""
        created = self.unattended_therapist(**differing)
        return self._new_member("therapist", created.therapist_id)

    def unattended_therapist(self, **differing: Any) -> Therapist:  # noqa: ANN401 - any attribute of a therapist
        """Add a therapist like t-ayu, but for what differs, who need not sign in."""
        created = replace(demo_data.THERAPISTS[0], **{"therapist_id": f"t-{secrets.token_hex(8)}", **differing})
        Catalogue(self.store()).add_therapist(created)
        return created

    def new_user(self, role: str, user_id: str | None = None) -> User:
        """Add a user of a role who has not signed in yet."""
        user_id = user_id or f"{role[0]}-{secrets.token_hex(8)}"
        user = User(role=role, username=user_id, password=f"Marketplace-test-{user_id}-1")
        people = self._aws("cognito-idp")
        pool = self.stack_output("UserPoolId")
        demo_data.add_user(people, user_pool_id=pool, user=user)
        return user

    def signed_in(self, user: User) -> Person:
        """Sign a user in."""
        return self._until_the_end(person.member(self.outputs, user))

    def _new_member(self, role: str, user_id: str) -> Person:
        return self.signed_in(self.new_user(role, user_id))

    def _until_the_end(self, somebody: Person) -> Person:
        self._closing.callback(somebody.close)
        return somebody

    # Behind the doors -----------------------------------------------------------------------------------

    def store(self) -> Store:
        """Return the tables as the functions see them."""
        dynamodb = self._aws("dynamodb")
        return Store(Dependency("dynamodb", dynamodb), f"{self.outputs.stack_name}-")

    def table(self, name: str) -> "Table":
        """Return one table, to look into or to plant something."""
        database = _session(self.outputs.region).resource("dynamodb", endpoint_url=self.outputs.aws_endpoint_url)
        return database.Table(self.outputs.tables[name])

    def client(
        self,
        service: Literal["cloudfront", "cognito-idp", "cloudwatch", "dynamodb", "kms", "lambda", "logs", "s3", "sqs"],
    ) -> Any:  # noqa: ANN401 - one of many clients
        """Return a client of another service."""
        return self._aws(service)

    def invoke(self, function: str, event: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - whatever it returns
        """Invoke a function by its logical id, as a schedule would, and return what it returns."""
        answer = self.client("lambda").invoke(
            FunctionName=self.outputs.functions[function], Payload=json.dumps(event or {}).encode()
        )
        payload = json.loads(answer["Payload"].read() or b"null")
        assert "FunctionError" not in answer, payload
        return payload

    def _aws(self, service: str) -> Any:  # noqa: ANN401 - one of many clients
        return _client(service, self.outputs.aws_endpoint_url, self.outputs.region)

    def stack_output(self, name: str) -> str:
        """Return an output of the deployed stack."""
        cloudformation = self._aws("cloudformation")
        stack = cloudformation.describe_stacks(StackName=self.outputs.stack_name)["Stacks"][0]
        return next(str(output["OutputValue"]) for output in stack["Outputs"] if output["OutputKey"] == name)

    def stack_resource(self, logical_id: str) -> str:
        """Return the physical name of a resource of the deployed stack."""
        cloudformation = self._aws("cloudformation")
        found = cloudformation.describe_stack_resource(StackName=self.outputs.stack_name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])


@cache
def _session(region: str) -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)


@cache
def _client(service: Any, endpoint: str, region: str) -> Any:  # noqa: ANN401 - one of many clients
    """Return a client, made once: making one costs more than a request."""
    return _session(region).client(service, endpoint_url=endpoint)


def at_once[ResultT](calls: Sequence[Callable[[], ResultT]]) -> list[ResultT]:
    """Make calls side by side, as many at once as the emulator bears, and return their results in order."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        return [waiting.result() for waiting in [threads.submit(call) for call in calls]]
