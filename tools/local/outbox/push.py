"""Push subscriptions as a browser makes them, with the keys to open what is sent to them (RFC 8291)."""

import base64
import json
import secrets
from dataclasses import dataclass
from typing import Any, Final, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_SALT: Final = 16
_HEADER: Final = _SALT + 4 + 1
"""Salt, record size and the length of the key id: the header of aes128gcm (RFC 8188, section 2.1)."""


@final
@dataclass(frozen=True, slots=True)
class PushSubscription:
    """One subscription: the receiver's private key and authentication secret."""

    key: ec.EllipticCurvePrivateKey
    secret: bytes

    def decrypt(self, body: bytes) -> dict[str, Any] | None:
        """Return the JSON object that a push message holds; None if it was not encrypted for this subscription."""
        if len(body) <= _HEADER:
            return None
        salt, sender = body[:_SALT], body[_HEADER : _HEADER + body[_HEADER - 1]]
        sealed = body[_HEADER + len(sender) :]
        try:
            shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
            information = b"WebPush: info\x00" + public_bytes(self.key) + sender
            secret = _derive(shared, self.secret, information, 32)
            key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
            nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
            opened = AESGCM(key).decrypt(nonce, sealed, None)
            payload: dict[str, Any] = json.loads(opened.rstrip(b"\x00").removesuffix(b"\x02"))
        except (ValueError, InvalidTag):
            return None
        return payload


@final
class PushSubscriptions:
    """The subscriptions of this run."""

    def __init__(self) -> None:
        self._kept: dict[str, PushSubscription] = {}

    def add(self) -> str:
        """Make a subscription and return its id."""
        subscription_id = secrets.token_urlsafe(12)
        self._kept[subscription_id] = PushSubscription(ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16))
        return subscription_id

    def keys(self, subscription_id: str) -> dict[str, str]:
        """Return ``p256dh`` and ``auth`` of a subscription, as ``PushSubscription.toJSON`` writes them."""
        kept = self._kept[subscription_id]
        return {"p256dh": _base64url(public_bytes(kept.key)), "auth": _base64url(kept.secret)}

    def find(self, subscription_id: str) -> PushSubscription | None:
        """Return a subscription, None if it is gone."""
        return self._kept.get(subscription_id)

    def remove(self, subscription_id: str) -> None:
        """Let a subscription go."""
        self._kept.pop(subscription_id, None)


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public part of a key as an uncompressed point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(secret: bytes, salt: bytes, information: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=information).derive(secret)


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
