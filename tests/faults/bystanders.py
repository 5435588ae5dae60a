"""The other services that the functions call, as far as a test of faults needs them."""

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from marketplace.payment.provider import QrCode, Received
from marketplace.payment.xendit import Secrets as ProviderSecrets
from marketplace.payment.xendit import Xendit
from marketplace.platform.refusals import ServiceUnavailable
from tests.faults.scripted import failure

PROVIDER_TOKEN: Final = "callback-token"
"""By which calls of the provider of payments are known."""
GONE: Final = "GoneException"


@dataclass(slots=True)
class Gateway:
    """The gateway's management API: who is there, and what they were sent."""

    open: set[str] = field(default_factory=set)
    frames: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> dict[str, Any]:
        """Send a frame, or say that nobody is there."""
        if ConnectionId not in self.open:
            raise failure(GONE, 410)
        self.frames.append((ConnectionId, json.loads(Data)))
        return {}

    def delete_connection(self, *, ConnectionId: str) -> dict[str, Any]:
        """Close a connection."""
        self.open.discard(ConnectionId)
        return {}


@cache
def _known_provider() -> Xendit:
    """Return the real adapter, which nobody answers; one for all, for it loads the certificates of a system."""
    secrets = ProviderSecrets(api_key="key", callback_token=PROVIDER_TOKEN)
    return Xendit("http://127.0.0.1:1", lambda: secrets)


@dataclass(slots=True)
class Provider:
    """A provider of payments that answers, or does not, and knows what came in by which code."""

    is_up: bool = True
    paid: dict[str, list[Received]] = field(default_factory=dict)
    """By the code's reference, whether it was told or not."""
    name: str = "xendit"
    known: Xendit = field(default_factory=_known_provider)

    def create_code(self, payment_id: str, amount: int, expires_at: datetime) -> QrCode:
        """Make a code, unless nobody answers."""
        assert amount > 0
        assert expires_at.tzinfo is not None
        if not self.is_up:
            raise ServiceUnavailable
        return QrCode(reference=f"qr-{payment_id}", content="000201")

    def payments_of(self, code: str) -> list[Received]:
        """Return what came in by a code, unless nobody answers."""
        if not self.is_up:
            raise ServiceUnavailable
        return list(self.paid.get(code, ()))

    def is_authentic(self, headers: Mapping[str, str]) -> bool:
        """Judge as the real one does."""
        return self.known.is_authentic(headers)

    def received(self, event: Mapping[str, Any]) -> Received | None:
        """Read as the real one does."""
        return self.known.received(event)


@dataclass(slots=True)
class EventBus:
    """The business events that were published."""

    entries: list[dict[str, Any]] = field(default_factory=list)

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        """Take events."""
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}


@dataclass(slots=True)
class Queue:
    """A queue with what was sent to it."""

    messages: list[str] = field(default_factory=list)

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> dict[str, Any]:
        """Take a message; what is meant for a channel's queue is not kept, for a test tries what is due by itself."""
        assert QueueUrl
        assert DelaySeconds >= 0
        if "parked" in QueueUrl:
            self.messages.append(MessageBody)
        return {"MessageId": str(len(self.messages))}


@dataclass(slots=True)
class Alarms:
    """The alarm topic with what was published there."""

    published: list[str] = field(default_factory=list)

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> dict[str, Any]:
        """Take a message."""
        assert TopicArn
        assert Subject
        self.published.append(Message)
        return {"MessageId": str(len(self.published))}


class Secrets:
    """One secret, which has never been changed."""

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, Any]:
        """Return it."""
        assert SecretId
        if VersionStage != "AWSCURRENT":
            raise failure("ResourceNotFoundException", 400)
        return {"SecretString": "s" * 64}


class Keys:
    """A key that hides nothing, and one that signs."""

    private: Final = ec.generate_private_key(ec.SECP256R1())

    def encrypt(self, *, Plaintext: bytes, **_: Any) -> dict[str, Any]:
        """Return the text turned into letters."""
        return {"CiphertextBlob": base64.b64encode(Plaintext)}

    def decrypt(self, *, CiphertextBlob: bytes, **_: Any) -> dict[str, Any]:
        """Turn letters back."""
        return {"Plaintext": base64.b64decode(CiphertextBlob)}

    def sign(self, *, Message: bytes, **_: Any) -> dict[str, Any]:
        """Sign a digest."""
        return {"Signature": self.private.sign(Message, ec.ECDSA(Prehashed(hashes.SHA256())))}


class Translator:
    """A machine that translates by naming the language, and knows by a word which text is in it already."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def translate_text(self, *, Text: str, SourceLanguageCode: str, TargetLanguageCode: str) -> dict[str, Any]:
        """Translate a text."""
        assert SourceLanguageCode == "auto"
        self.texts.append(Text)
        source = "id" if "halo" in Text.lower() else "en"
        return {"TranslatedText": f"[{TargetLanguageCode}] {Text}", "SourceLanguageCode": source}


@dataclass(slots=True)
class Bucket:
    """The bucket of shared files, with what was put there; forms and links are no more than their key."""

    files: dict[str, bytes] = field(default_factory=dict)

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        """Return how long a file is."""
        return {"ContentLength": len(self._file(Bucket, Key))}

    def get_object(self, *, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:
        """Return a file, the whole of it."""
        return {"Body": io.BytesIO(self._file(Bucket, Key))}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:
        """Take a file."""
        assert Bucket
        self.files[Key] = Body
        return {}

    def delete_object(self, *, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:
        """Drop a file, if it is there."""
        assert Bucket
        self.files.pop(Key, None)
        return {}

    def generate_presigned_post(self, *, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:
        """Return the form that takes a file."""
        return {"url": f"https://{Bucket}.example.com/", "fields": {"key": Key}}

    def generate_presigned_url(self, *, Params: dict[str, Any], **_: Any) -> str:
        """Return the link to a file."""
        return f"https://{Params['Bucket']}.example.com/{Params['Key']}"

    def _file(self, bucket: str, key: str) -> bytes:
        assert bucket
        if key not in self.files:
            raise failure("NoSuchKey", 404)
        return self.files[key]


@dataclass(slots=True)
class People:
    """The user pool: who is in it, with their groups, and whom it has mailed."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    mailed: list[str] = field(default_factory=list)

    def admin_create_user(self, *, Username: str, MessageAction: str | None = None, **_: Any) -> dict[str, Any]:
        """Add somebody and mail them, or mail them again."""
        if MessageAction is None and Username in self.users:
            raise failure("UsernameExistsException", 400)
        user = {"UserStatus": "FORCE_CHANGE_PASSWORD", "Enabled": True, "groups": set(), "UserMFASettingList": []}
        self.users.setdefault(Username, user)
        self.mailed.append(Username)
        return {}

    def admin_get_user(self, *, Username: str, **_: Any) -> dict[str, Any]:
        """Return somebody."""
        if Username not in self.users:
            raise failure("UserNotFoundException", 400)
        return self.users[Username]

    def admin_list_groups_for_user(self, *, Username: str, **_: Any) -> dict[str, Any]:
        """Return what somebody is."""
        return {"Groups": [{"GroupName": group} for group in self.admin_get_user(Username=Username)["groups"]]}

    def admin_update_user_attributes(self, *, Username: str, **_: Any) -> dict[str, Any]:
        """Take another address."""
        assert Username in self.users
        return {}

    def admin_reset_user_password(self, *, Username: str, **_: Any) -> dict[str, Any]:
        """Mail a code."""
        self.mailed.append(Username)
        return {}

    def admin_add_user_to_group(self, *, Username: str, GroupName: str, **_: Any) -> dict[str, Any]:
        """Give somebody their role."""
        self.users[Username]["groups"].add(GroupName)
        return {}

    def admin_enable_user(self, *, Username: str, **_: Any) -> dict[str, Any]:
        """Let somebody sign in."""
        self.users[Username]["Enabled"] = True
        return {}

    def admin_disable_user(self, *, Username: str, **_: Any) -> dict[str, Any]:
        """Let somebody no longer sign in."""
        self.users[Username]["Enabled"] = False
        return {}
