"""Web Push: encrypted for one browser (RFC 8291), signed as ours (RFC 8292), handed to its push service (RFC 8030).

Only functions with the tokens layer may import this module.
"""

import json
import os
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from typing import Final, final
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marketplace.notification.channels.model import TIMEOUT_SECONDS, Failure, Message, NotSent, failure_of
from marketplace.notification.channels.push_keys import public_key_of
from marketplace.notification.channels.push_subscriptions import PushSubscription, PushSubscriptions
from marketplace.platform.aws.outbound import AddressRefused, NoAnswer, post

_RECORD_SIZE: Final = 4_096
_KEPT_SECONDS: Final = 4 * 3_600
"""How long a push service keeps a message for a telephone that is off."""
_SIGNED_SECONDS: Final = 12 * 3_600
_GONE: Final = frozenset({404, 410})


def encrypt(
    body: bytes,
    *,
    p256dh: str,
    auth: str,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return a body encrypted for a subscription as ``aes128gcm``; ``sender`` and ``salt`` are there for test vectors.

    Raises:
        ValueError: the keys of the subscription are none.
    """
    sender = sender or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(16)
    receiver_point = decoded(p256dh)
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver_point)
    sender_point = sender.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = sender.exchange(ec.ECDH(), receiver)
    secret = _derive(shared, decoded(auth), b"WebPush: info\x00" + receiver_point + sender_point, 32)
    key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(key).encrypt(nonce, body + b"\x02", None)
    return salt + _RECORD_SIZE.to_bytes(4) + bytes([len(sender_point)]) + sender_point + sealed


def decoded(text: str) -> bytes:
    """Return what base64url without padding holds; raises ValueError where it holds nothing."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derive(key: bytes, salt: bytes, information: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=information).derive(key)


@final
class Push:
    """Every push service there is: whose endpoint a subscription names."""

    def __init__(
        self,
        subscriptions: PushSubscriptions,
        key: Callable[[], ec.EllipticCurvePrivateKey],
        *,
        contact: str,
        on_laptop: bool,
    ) -> None:
        """Sign with ``key``; ``contact`` is where a push service may complain (``mailto:…`` or ``https:…``)."""
        self._subscriptions = subscriptions
        self._key = key
        self._contact = contact
        self._on_laptop = on_laptop

    def send(self, message: Message) -> None:
        """Send a message to everything at which its receiver takes push messages; one that took it is enough.

        Raises:
            NotSent: none took it.
        """
        found = self._subscriptions.find(message.to)
        failures = self._failures(found, json.dumps(dict(message.data), ensure_ascii=False).encode())
        if not found:
            raise NotSent(Failure.GONE, final=True)
        if len(failures) == len(found):
            raise next((each for each in failures if not each.final), failures[0])

    def _failures(self, found: Sequence[PushSubscription], body: bytes) -> list[NotSent]:
        failures: list[NotSent] = []
        for subscription in found:
            try:
                self._send(subscription, body)
            except NotSent as failure:
                failures.append(failure)
        return failures

    def _send(self, subscription: PushSubscription, body: bytes) -> None:
        try:
            status = post(
                subscription.endpoint,
                encrypt(body, p256dh=subscription.p256dh, auth=subscription.auth),
                {
                    "Content-Encoding": "aes128gcm",
                    "Content-Type": "application/octet-stream",
                    "TTL": str(_KEPT_SECONDS),
                    "Urgency": "high",
                    "Authorization": self._authorization(subscription.endpoint),
                },
                seconds=TIMEOUT_SECONDS,
                on_laptop=self._on_laptop,
            )
        except NoAnswer:
            raise NotSent(Failure.NO_ANSWER) from None
        except (AddressRefused, ValueError):
            raise NotSent(Failure.REFUSED, final=True) from None
        if status in _GONE:
            self._subscriptions.remove(subscription.user_id, subscription.subscription_id)
            raise NotSent(Failure.GONE, final=True)
        if not 200 <= status < 300:  # noqa: PLR2004 - the class of success
            raise failure_of(status)

    def _authorization(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + _SIGNED_SECONDS,
            "sub": self._contact,
        }
        token = jwt.encode(claims, self._key(), algorithm="ES256")
        return f"vapid t={token}, k={public_key_of(self._key())}"


def is_key_pair(p256dh: str, auth: str) -> bool:
    """Say whether these can be the keys of a subscription."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(p256dh))
        return len(decoded(auth)) == 16  # noqa: PLR2004 - RFC 8291, section 3.2
    except ValueError:
        return False
