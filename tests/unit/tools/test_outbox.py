"""The stand-ins take what our adapters send as the real services do, and show what would have arrived."""

import base64
import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tools.local.outbox import push
from tools.local.outbox.messages import Message, Messages
from tools.local.outbox.server import CALLBACK_TOKEN, Outbox, _pool_messages

XENDIT = {"authorization": "Basic c2VjcmV0Og==", "api-version": "2022-07-31"}


@pytest.fixture(scope="module")
def outbox() -> Iterator[Outbox]:
    box = Outbox(preferred_port=0)
    with box.serving():
        yield box


@pytest.fixture(autouse=True)
def _all_well(outbox: Outbox) -> None:
    for kind in outbox.faults.modes:
        outbox.faults.set(kind, "ok")


def listed(outbox: Outbox, **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{outbox.url}/messages", params=asked).json()
    return found


def aws(service: str, url: str) -> Any:  # noqa: ANN401 - a client that is not typed here
    return boto3.client(
        service,  # type: ignore[call-overload] # any service
        endpoint_url=url,
        region_name="ap-southeast-3",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=1),
    )


def send_whats_app(outbox: Outbox, number: str, code: str) -> httpx.Response:
    return httpx.post(
        f"{outbox.url}/graph/v23.0/1/messages",
        headers={"authorization": "Bearer token"},
        json={
            "messaging_product": "whatsapp",
            "to": number,
            "type": "template",
            "template": {
                "name": "verification_code",
                "language": {"code": "id"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "parameter_name": "code", "text": code}]}
                ],
            },
        },
    )


def test_a_whats_app_template_is_shown_under_its_number_newest_first(outbox: Outbox) -> None:
    assert send_whats_app(outbox, "6281234567801", "111111").json()["messages"][0]["id"].startswith("wamid.")
    send_whats_app(outbox, "+6281234567801", "222222")
    send_whats_app(outbox, "6281234567802", "333333")

    found = listed(outbox, to="+6281234567801", channel="whatsApp")
    assert [each["data"]["code"] for each in found] == ["222222", "111111"]
    assert (found[0]["template"], found[0]["language"]) == ("verification_code", "id")
    assert len(httpx.get(f"{outbox.url}/messages?to=+6281234567801").json()) == 2  # a plus that nobody has escaped


def test_whats_app_refuses_as_the_graph_does(outbox: Outbox) -> None:
    answer = httpx.post(f"{outbox.url}/graph/v23.0/1/messages", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)
    assert httpx.get(f"{outbox.url}/messages?channel=pigeon").status_code == 422


def test_mail_and_sms_are_taken_from_the_sdk(outbox: Outbox) -> None:
    aws("sesv2", outbox.parameters["EmailApiUrl"]).send_email(
        FromEmailAddress="hello@example.com",
        Destination={"ToAddresses": ["wayan@example.com"]},
        Content={"Simple": {"Subject": {"Data": "Visit"}, "Body": {"Text": {"Data": "Tomorrow at 9."}}}},
        EmailTags=[{"Name": "template", "Value": "reminder"}, {"Name": "language", "Value": "en"}],
    )
    aws("sns", outbox.parameters["SmsApiUrl"]).publish(PhoneNumber="+6281234567803", Message="An offer waits.")

    (mail,) = listed(outbox, to="wayan@example.com")
    assert (mail["channel"], mail["template"], mail["subject"], mail["text"]) == (
        "email",
        "reminder",
        "Visit",
        "Tomorrow at 9.",
    )
    assert [each["text"] for each in listed(outbox, channel="sms")] == ["An offer waits."]


def test_a_text_is_translated_under_the_name_of_its_language(outbox: Outbox) -> None:
    answer = aws("translate", outbox.parameters["TranslationApiUrl"]).translate_text(
        Text="Halo", SourceLanguageCode="auto", TargetLanguageCode="en"
    )
    assert answer["TranslatedText"] == "[en] Halo"


def test_services_fail_and_hang_as_they_are_told(outbox: Outbox) -> None:
    httpx.put(f"{outbox.url}/faults/sms", json={"mode": "fail"})
    with pytest.raises(ClientError, match="InternalError"):
        aws("sns", outbox.parameters["SmsApiUrl"]).publish(PhoneNumber="+6281234567804", Message="lost")
    httpx.put(f"{outbox.url}/faults/email", json={"mode": "hang"})
    with pytest.raises(ReadTimeoutError):
        aws("sesv2", outbox.parameters["EmailApiUrl"]).send_email(
            Destination={"ToAddresses": ["a@example.com"]}, Content={"Simple": {"Subject": {"Data": "x"}, "Body": {}}}
        )
    assert listed(outbox, to="+6281234567804") == listed(outbox, to="a@example.com") == []
    assert httpx.put(f"{outbox.url}/faults/sms", json={"mode": "slow"}).status_code == 422


def sealed(payload: dict[str, Any], keys: dict[str, str]) -> bytes:
    """Encrypt as a push sender does (RFC 8291)."""

    def raw(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    sender = ec.generate_private_key(ec.SECP256R1())
    receiver, own, salt = raw(keys["p256dh"]), push.public_bytes(sender), os.urandom(16)
    shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver))
    secret = push._derive(shared, raw(keys["auth"]), b"WebPush: info\x00" + receiver + own, 32)  # noqa: SLF001 - the same steps
    key = push._derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)  # noqa: SLF001 - the same steps
    nonce = push._derive(secret, salt, b"Content-Encoding: nonce\x00", 12)  # noqa: SLF001 - the same steps
    text = json.dumps(payload).encode() + b"\x02"
    cipher: bytes = AESGCM(key).encrypt(nonce, text, None)
    return salt + (4096).to_bytes(4) + bytes([len(own)]) + own + cipher


def test_a_push_is_opened_by_its_subscription_alone(outbox: Outbox) -> None:
    first, second = (httpx.post(f"{outbox.url}/push-subscriptions").json() for _ in range(2))
    headers = {"authorization": "vapid t=token, k=key", "ttl": "60"}
    body = sealed({"bookingId": "b-1", "event": "offer", "title": "Offer", "body": "90 minutes"}, first["keys"])

    assert httpx.post(first["endpoint"], content=body, headers=headers).status_code == 201
    assert httpx.post(second["endpoint"], content=body, headers=headers).status_code == 400
    assert httpx.post(first["endpoint"], content=body).status_code == 403

    (message,) = listed(outbox, channel="push")
    assert (message["to"], message["subject"], message["data"]["bookingId"]) == (first["endpoint"], "Offer", "b-1")
    httpx.delete(first["endpoint"].replace("/push/", "/push-subscriptions/"))
    assert httpx.post(first["endpoint"], content=body, headers=headers).status_code == 410


class Receiver(BaseHTTPRequestHandler):
    """What the marketplace would be called back at."""

    received: list[tuple[str | None, dict[str, Any]]] = []  # noqa: RUF012 - shared on purpose

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.received.append((self.headers["x-callback-token"], body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None: ...


def test_a_payment_is_made_once_per_key_and_told_as_often_as_it_is_paid(outbox: Outbox) -> None:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    outbox.payments.callback_url = f"http://127.0.0.1:{server.server_port}/payment-events/xendit"
    order = {"reference_id": "p-1", "type": "DYNAMIC", "currency": "IDR", "amount": 105_000}
    url, headers = f"{outbox.url}/xendit/qr_codes", {**XENDIT, "idempotency-key": "k-1"}

    code = httpx.post(url, json=order, headers=headers).json()
    assert httpx.post(url, json=order, headers=headers).json() == code
    assert httpx.post(url, json=order, headers=XENDIT).status_code == 409
    assert httpx.post(url, json={**order, "amount": 10_000_001}, headers=XENDIT).status_code == 400
    assert httpx.post(url, json=order).status_code == 401
    for _ in range(2):
        assert httpx.post(f"{outbox.url}/payments/p-1/pay").json() == {"paid": 105_000, "callbackStatus": 200}
    server.shutdown()
    server.server_close()

    assert [token for token, _ in Receiver.received] == [CALLBACK_TOKEN] * 2
    (first, second) = (event["data"] for _, event in Receiver.received)
    assert first == second
    assert (first["reference_id"], first["amount"], first["status"]) == ("p-1", 105_000, "SUCCEEDED")
    assert httpx.get(f"{url}/{code['id']}", headers=XENDIT).json()["status"] == "INACTIVE"


@pytest.mark.parametrize(
    ("kind", "text", "data"),
    [
        ("CognitoInvitationMessage", "Your username is a and temporary password is x9!.", {"temporaryPassword": "x9!"}),
        ("CognitoInvitationMessage", "User name: a\nTemporary password: 1&.Q\n", {"temporaryPassword": "1&.Q"}),
        ("CognitoVerificationMessage", "Your verification code is 654321.", {"code": "654321"}),
    ],
)
def test_the_user_pool_s_mails_show_what_one_needs_to_go_on(kind: str, text: str, data: dict[str, str]) -> None:
    (message,) = _pool_messages({"Type": kind, "To": ["a@example.com"], "Timestamp": 1.0, "BodyText": text})
    assert dict(message.data) == data


def test_messages_are_there_again_after_a_start(tmp_path: Any) -> None:  # noqa: ANN401 - a path
    file = tmp_path / "outbox.jsonl"
    Messages(file).add(Message(channel="sms", to="+6281", text="one"))
    assert [each["text"] for each in Messages(file).find(to="+6281", channel=None)] == ["one"]
