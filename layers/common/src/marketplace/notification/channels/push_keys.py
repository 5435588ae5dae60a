"""The key by which push services know us (VAPID, RFC 8292): it follows from a secret that the first deployment made.

Only functions with the tokens layer may import this module.
"""

import hashlib
from base64 import urlsafe_b64encode
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256's group; https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-186.pdf."""


def key_from(secret: str) -> ec.EllipticCurvePrivateKey:
    """Return the private key that follows from a secret: 512 bits of it, reduced (FIPS 186-5, A.2.1)."""
    wide = int.from_bytes(hashlib.sha512(f"vapid:{secret}".encode()).digest())
    return ec.derive_private_key(wide % (_ORDER - 1) + 1, ec.SECP256R1())


def public_key_of(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the public half as ``applicationServerKey`` takes it: an uncompressed point in base64url."""
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()
