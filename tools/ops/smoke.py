"""`make smoke`: tries a deployed stack from outside, as its clients use it, and says what works and how long it took.

A guest session, a browser's preflight, the web client, a socket's ping and pong (an answer that comes only when the
stage of the socket knows its route responses), one test booking, and a file sent to its room and fetched again. The
test booking is in no revenue and gone within ten minutes. The caller's credentials invoke the function of test
bookings and read the signing key, to be the test's customer; nothing else needs them.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, final
from uuid import uuid4

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError
from websockets.exceptions import WebSocketException

from marketplace.identity.tokens import guest_token
from marketplace.platform.caller import Caller, Duty, Role, context_of
from marketplace.platform.language import Language
from tools.command_line import OneLineParser
from tools.local.outputs import Outputs, read_outputs
from tools.local.person import Person, expect, guest, stranger

PATIENCE_SECONDS: Final = 30.0
PICTURE: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
"""One pixel as PNG."""


_FAILURES: Final = (
    AssertionError,
    BotoCoreError,
    ClientError,
    KeyError,
    OSError,
    WebSocketException,
    httpx.HTTPError,
)


class FailedError(Exception):
    """The stack does not do what it should; the text says what, in one line."""


@final
class Trial:
    """One stack, tried step by step."""

    def __init__(self, outputs: Outputs, session: boto3.Session, endpoint_url: str | None) -> None:
        """Reach the stack at its public addresses, and AWS with the session's credentials."""
        self._outputs = outputs
        self._lambda: Any = session.client("lambda", endpoint_url=endpoint_url)
        self._secrets: Any = session.client("secretsmanager", endpoint_url=endpoint_url)

    def run(self) -> None:
        """Take every step.

        Raises:
            FailedError: one fails; what comes after it is not tried.
        """
        with _step("a guest session"):
            customer = guest(self._outputs)
        with closing(customer):
            self._try_with(customer)

    def _try_with(self, customer: Person) -> None:
        with _step("a browser may call"):
            self._may_call()
        with _step("the web client"):
            self._web_client()
        with _step("a socket: ticket, ping, pong"), customer.connected() as socket:
            _demand(socket.ask({"action": "ping"}, within=PATIENCE_SECONDS).get("type") == "pong", "no pong")
        with _step("a test booking"):
            booking = self._test_booking()
        with _step("a file: sent, judged, fetched"):
            self._file(booking)

    def _may_call(self) -> None:
        origin = str(httpx.URL(self._outputs.web_url).copy_with(raw_path=b"/")).rstrip("/")
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        with closing(stranger(self._outputs)) as browser:
            answer = browser.request("OPTIONS", "/bookings", headers=headers)
        allowed = answer.headers.get("access-control-allow-origin")
        _demand(allowed == origin, f"{origin} may not call: {answer.status_code}, allowed is {allowed}")

    def _web_client(self) -> None:
        page = httpx.get(self._outputs.web_url, follow_redirects=True, timeout=PATIENCE_SECONDS)
        is_page = page.status_code == httpx.codes.OK and "text/html" in page.headers.get("content-type", "")
        _demand(is_page, f"{self._outputs.web_url} answers {page.status_code} {page.headers.get('content-type')}")

    def _test_booking(self) -> Mapping[str, Any]:
        owner = frozenset({Duty.OWNER})
        by = Caller(user_id="a-smoke", role=Role.ADMIN, duties=owner, signed_in_at=int(time.time()))
        request = {
            "httpMethod": "POST",
            "resource": "/admin/test-bookings",
            "headers": {"Idempotency-Key": str(uuid4())},
            "body": json.dumps({"kind": "chat"}),
            "requestContext": {
                "requestId": str(uuid4()),
                "authorizer": {**context_of(by), "principalId": by.user_id},
            },
        }
        function = self._outputs.functions["RunTestBookingFunction"]
        answer = self._lambda.invoke(FunctionName=function, Payload=json.dumps(request).encode())
        reply = json.loads(answer["Payload"].read())
        played = json.loads(reply.get("body") or "{}")
        _demand(reply.get("statusCode") == httpx.codes.CREATED, f"test booking: {reply.get('statusCode')} {played}")
        red = [step["title"] for step in played["steps"] if step["status"] != "green"]
        _demand(not red, f"test booking: {', '.join(red)}")
        booking: Mapping[str, Any] = played["booking"]
        return booking

    def _file(self, booking: Mapping[str, Any]) -> None:
        secret_id = f"{self._outputs.stack_name}/sealing"
        key = str(self._secrets.get_secret_value(SecretId=secret_id)["SecretString"])
        customer_id = str(booking["customerId"])
        token, _ = guest_token(customer_id, Language.ENGLISH, key, datetime.now(UTC))
        with closing(Person(self._outputs, user_id=customer_id, token=token)) as customer:
            self._send_and_fetch(customer, str(booking["chatRoomId"]))

    @staticmethod
    def _send_and_fetch(customer: Person, room: str) -> None:
        announced = {"fileName": "pixel.png", "contentType": "image/png", "size": len(PICTURE)}
        headers = {"Idempotency-Key": str(uuid4())}
        form = expect(customer.post(f"/rooms/{room}/attachments", announced, headers=headers), 201)
        upload = form["upload"]
        sent = httpx.post(upload["url"], data=upload["fields"], files={"file": PICTURE}, timeout=PATIENCE_SECONDS)
        _demand(sent.is_success, f"upload: {sent.status_code} {sent.text[:200]}")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (link := customer.get(f"/attachments/{form['attachmentId']}")).status_code == httpx.codes.NOT_FOUND:
            _demand(time.monotonic() < deadline, "the upload is not processed")
            time.sleep(0.5)
        _demand(link.status_code == httpx.codes.FOUND, f"the file's link: {link.status_code} {link.text[:200]}")
        fetched = httpx.get(link.headers["location"], timeout=PATIENCE_SECONDS)
        _demand(fetched.is_success, f"download: {fetched.status_code} {fetched.text[:200]}")
        _demand(fetched.content.startswith(PICTURE[:8]), "what comes back is no picture")


@contextmanager
def _step(title: str) -> Iterator[None]:
    started = time.monotonic()
    try:
        yield
    except (
        AssertionError,
        BotoCoreError,
        ClientError,
        httpx.HTTPError,
        OSError,
        WebSocketException,
        KeyError,
    ) as error:
        message = f"{title}: {' '.join(str(error).split()) or type(error).__name__}"
        raise FailedError(message) from error
    except FailedError as error:
        message = f"{title}: {error}"
        raise FailedError(message) from error
    print(f"ok {time.monotonic() - started:6.2f} s  {title}", flush=True)


def _demand(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - what must hold, as in an assertion
    if not holds:
        raise FailedError(otherwise)


def deployed(stack_name: str, region: str | None = None) -> Outputs:
    """Return where a stack on AWS is.

    Raises:
        botocore.exceptions.ClientError: there is none.
    """
    session = boto3.Session(region_name=region)
    cloudformation: Any = session.client("cloudformation")
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    functions = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }
    return Outputs(
        rest_url=outputs["RestUrl"],
        web_socket_url=outputs["WebSocketUrl"],
        web_url=outputs["WebUrl"],
        outbox_url="",
        aws_endpoint_url="",
        region=str(session.region_name),
        stack_name=stack_name,
        functions=functions,
        tables={},
        users={},
    )


def try_stack(outputs: Outputs) -> int:
    """Try a stack and print what came of it; return the exit code."""
    if outputs.aws_endpoint_url:
        session = boto3.Session("test", "test", region_name=outputs.region)
    else:
        session = boto3.Session(region_name=outputs.region)
    try:
        Trial(outputs, session, outputs.aws_endpoint_url or None).run()
    except FailedError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    print(f"{outputs.stack_name} works")
    return 0


def main() -> int:
    """Try the stack that the command line names."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, tried with your credentials")
    chosen = parser.parse_args()
    try:
        outputs = deployed(chosen.stack) if chosen.stack else read_outputs(chosen.outputs)
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run, or name a STACK)", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"no such stack: {error}", file=sys.stderr)
        return 2
    return try_stack(outputs)


if __name__ == "__main__":
    sys.exit(main())
