"""The other services that the functions call, as far as a test of faults needs them."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Final

from tests.faults.scripted import failure

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

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> dict[str, Any]:
        """Take a message."""
        assert QueueUrl
        self.messages.append(MessageBody)
        return {"MessageId": str(len(self.messages))}


class Secrets:
    """One secret."""

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:
        """Return it."""
        assert SecretId
        return {"SecretString": "s" * 64}


class Keys:
    """A key that hides nothing."""

    def encrypt(self, *, Plaintext: bytes, **_: Any) -> dict[str, Any]:
        """Return the text turned into letters."""
        return {"CiphertextBlob": base64.b64encode(Plaintext)}

    def decrypt(self, *, CiphertextBlob: bytes, **_: Any) -> dict[str, Any]:
        """Turn letters back."""
        return {"Plaintext": base64.b64decode(CiphertextBlob)}
