"""Our clients say to AWS what botocore's own say, although they are made with a part of its handlers."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final, override

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from layers.build.prune import OPERATIONS
from marketplace import bootstrap

KEY: Final = {"Bucket": "uploads", "Key": "a/b c.png"}
ITEM: Final = {"TableName": "t", "Key": {"id": {"S": "1"}}}
CALLS: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "apigatewaymanagementapi": {"post_to_connection": {"ConnectionId": "c=", "Data": b"{}"}},
    "cognito-idp": {"admin_get_user": {"UserPoolId": "p_1", "Username": "a-made"}},
    "dynamodb": {
        "get_item": ITEM,
        "transact_write_items": {"ClientRequestToken": "1", "TransactItems": [{"Delete": ITEM}]},
    },
    "events": {"put_events": {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]}},
    "kms": {"encrypt": {"KeyId": "k", "Plaintext": b"p"}},
    "s3": {"put_object": {**KEY, "Body": b"p", "ContentType": "image/png"}, "get_object": KEY, "head_object": KEY},
    "secretsmanager": {"get_secret_value": {"SecretId": "s"}},
    "sesv2": {
        "send_email": {"Destination": {"ToAddresses": ["a@example.com"]}, "Content": {"Raw": {"Data": b"Subject: x"}}}
    },
    "sns": {"publish": {"PhoneNumber": "+6281234567890", "Message": "m"}},
    "sqs": {"send_message": {"QueueUrl": "https://sqs.ap-southeast-3.amazonaws.com/1/q", "MessageBody": "m"}},
    "translate": {"translate_text": {"Text": "hello", "SourceLanguageCode": "auto", "TargetLanguageCode": "id"}},
}
OF_THE_MOMENT: Final = {"authorization", "x-amz-date", "amz-sdk-invocation-id"}


class Streamed(BytesIO):
    """A body as urllib3 gives it."""

    def stream(self) -> Iterator[bytes]:
        """Yield the whole."""
        yield self.read()

    @override
    def __repr__(self) -> str:
        return "Streamed()"


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "AWS_DEFAULT_REGION": "ap-southeast-3",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "s",
    }.items():
        monkeypatch.setenv(name, value)
    bootstrap.session.cache_clear()
    bootstrap.client.cache_clear()
    yield
    bootstrap.session.cache_clear()
    bootstrap.client.cache_clear()


def said(client: Any, call: str, **asked: Any) -> tuple[Any, ...]:  # noqa: ANN401 - botocore makes its clients at run time
    """Return what of a call goes to the wire."""
    sent: list[Any] = []

    def answer(request: Any, **_: object) -> AWSResponse:  # noqa: ANN401 - its body may be of any kind
        sent.append(request)
        body = (
            b"<PublishResponse><PublishResult/></PublishResponse>" if call == "publish" else b""
        )  # the one protocol of which no answer is empty
        return AWSResponse(request.url, 200, HTTPHeaders(), Streamed(body))

    client.meta.events.register_first("before-send", answer)
    getattr(client, call)(**asked)
    (request,) = sent
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    body = request.body.read() if hasattr(request.body, "read") else request.body
    return (
        request.method,
        request.url,
        {name: value for name, value in headers.items() if name not in OF_THE_MOMENT},
        body,
    )


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_a_service_hears_what_it_would_hear_from_all_of_botocore(service: str) -> None:
    whole = botocore.session.Session().create_client(service, config=bootstrap.client_config())

    for call, asked in CALLS[service].items():
        assert said(bootstrap.client(service), call, **asked) == said(whole, call, **asked)


def test_forms_for_uploads_are_those_of_all_of_botocore() -> None:
    whole: Any = botocore.session.Session().create_client("s3", config=bootstrap.client_config())

    ours, theirs = (each.generate_presigned_post(**KEY) for each in (bootstrap.client("s3"), whole))

    assert ours["url"] == theirs["url"]
    assert ours["fields"].keys() == theirs["fields"].keys()
