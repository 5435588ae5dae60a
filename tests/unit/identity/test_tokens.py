"""Nobody gets in with a token that somebody else could have made."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from marketplace.identity.tokens import TokenReader, guest_token
from marketplace.platform.caller import Caller, Role
from marketplace.platform.language import Language
from marketplace.platform.refusals import Unauthenticated

GUEST_KEY: Final = "g" * 64
ISSUER: Final = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_pool"
CLIENT: Final = "client-1"
KEY_ID: Final = "key-1"


@cache
def private_key(name: str = KEY_ID) -> rsa.RSAPrivateKey:
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem() -> bytes:
    return (
        private_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def find_key(key_id: str) -> rsa.RSAPublicKey:
    if key_id != KEY_ID:
        raise Unauthenticated
    return private_key().public_key()


@pytest.fixture
def reader() -> TokenReader:
    return TokenReader(guest_keys=lambda: (GUEST_KEY,), pool_keys=find_key, issuer=ISSUER, client_id=CLIENT)


def claims(**changes: object) -> dict[str, Any]:
    """Return what the user pool says of t-ayu in an ID token; ``None`` leaves a claim out."""
    now = datetime.now(UTC)
    said = {
        "sub": "7c2c8a52",
        "iss": ISSUER,
        "aud": CLIENT,
        "token_use": "id",
        "cognito:username": "t-ayu",
        "cognito:groups": ["therapist"],
        "locale": "id",
        "auth_time": int(now.timestamp()) - 60,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(hours=1)).timestamp()),
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


def member_token(
    also: Mapping[str, object] | None = None,
    *,
    key: rsa.RSAPrivateKey | None = None,
    key_id: str | None = KEY_ID,
    **changes: object,
) -> str:
    """Return a member's token; ``also`` is for claims whose names are no words of Python."""
    headers = {} if key_id is None else {"kid": key_id}
    return jwt.encode(claims(**{**(also or {}), **changes}), key or private_key(), algorithm="RS256", headers=headers)


def hand_made(header: Mapping[str, object], payload: Mapping[str, object], signature: bytes = b"") -> str:
    """Put a token together without a library that would know better."""
    parts = [json.dumps(part).encode() for part in (header, payload)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, signature))


def signed_with_public_key_as_secret() -> str:
    header = {"alg": "HS256", "typ": "JWT", "kid": KEY_ID}
    unsigned = hand_made(header, claims()).rpartition(".")[0]
    signature = hmac.new(public_pem(), unsigned.encode(), hashlib.sha256).digest()
    return unsigned + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def guest(**changes: object) -> str:
    now = datetime.now(UTC)
    said = {
        "iss": "marketplace:guests",
        "aud": "marketplace",
        "sub": "c-guest",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=30)).timestamp()),
        **changes,
    }
    return jwt.encode({name: value for name, value in said.items() if value is not None}, GUEST_KEY, algorithm="HS256")


LONG_AGO: Final = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
FAR_AHEAD: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())

FORGED: Final[Mapping[str, Callable[[], str]]] = {
    "nothing": lambda: "",
    "no token at all": lambda: "a.b.c",
    "two parts": lambda: member_token().rpartition(".")[0],
    "no algorithm": lambda: hand_made({"alg": "none", "kid": KEY_ID}, claims()),
    "no algorithm, capitals": lambda: hand_made({"alg": "NONE", "kid": KEY_ID}, claims()),
    "no algorithm said": lambda: hand_made({"kid": KEY_ID}, claims()),
    "an algorithm that is no text": lambda: hand_made({"alg": ["RS256"], "kid": KEY_ID}, claims()),
    "HS256 with the public key as secret": signed_with_public_key_as_secret,
    "HS256 with an empty secret": lambda: hand_made({"alg": "HS256"}, claims()),
    "another algorithm of the same key": lambda: jwt.encode(
        claims(), private_key(), algorithm="RS512", headers={"kid": KEY_ID}
    ),
    "a probabilistic signature of the same key": lambda: jwt.encode(
        claims(), private_key(), algorithm="PS256", headers={"kid": KEY_ID}
    ),
    "a guest's token in a longer hash": lambda: jwt.encode(claims(), GUEST_KEY, algorithm="HS512"),
    "somebody else's key": lambda: member_token(key=private_key("other")),
    "a key that nobody knows": lambda: member_token(key_id="key-2"),
    "no key named": lambda: member_token(key_id=None),
    "a key that is a path": lambda: member_token(key_id="../../dev/null"),
    "a key that is a list": lambda: hand_made({"alg": "RS256", "kid": [KEY_ID]}, claims(), b"x"),
    "a key that comes along": lambda: jwt.encode(
        claims(),
        private_key("other"),
        algorithm="RS256",
        headers={"kid": "key-9", "jwk": jwt.algorithms.RSAAlgorithm.to_jwk(private_key("other").public_key())},
    ),
    "an extension that must be understood": lambda: jwt.encode(
        claims(), private_key(), algorithm="RS256", headers={"kid": KEY_ID, "crit": ["exp"]}
    ),
    "another issuer": lambda: member_token(iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other"),
    "no issuer": lambda: member_token(iss=None),
    "another audience": lambda: member_token(aud="client-2"),
    "several audiences": lambda: member_token(aud=[CLIENT, "client-2"]),
    "no audience": lambda: member_token(aud=None),
    "out of date": lambda: member_token(exp=LONG_AGO),
    "no expiry": lambda: member_token(exp=None),
    "an expiry that is no number": lambda: member_token(exp="tomorrow"),
    "not yet": lambda: member_token(nbf=FAR_AHEAD),
    "issued in the future": lambda: member_token(iat=FAR_AHEAD),
    "no time of issue": lambda: member_token(iat=None),
    "a sign-in that is no time": lambda: member_token(auth_time=["now"]),
    "no subject": lambda: member_token(sub=None),
    "no use": lambda: member_token(token_use=None),
    "a refresh token": lambda: member_token(token_use="refresh"),
    "no name": lambda: member_token({"cognito:username": None}),
    "a name that is no text": lambda: member_token({"cognito:username": ["t-ayu"]}),
    "an empty name": lambda: member_token({"cognito:username": ""}),
    "an access token of another client": lambda: member_token(
        token_use="access", aud=None, client_id="client-2", username="t-ayu"
    ),
    "no group": lambda: member_token({"cognito:groups": None}),
    "a group of somebody else": lambda: member_token({"cognito:groups": ["cleaner"]}),
    "the system's hat": lambda: member_token({"cognito:groups": ["system"]}),
    "groups that are a text": lambda: member_token({"cognito:groups": "admin"}),
    "too long": lambda: member_token(padding="x" * 5_000),
    "a guest of somebody else": lambda: jwt.encode(
        jwt.decode(guest(), options={"verify_signature": False}), "k" * 64, algorithm="HS256"
    ),
    "a guest of another issuer": lambda: guest(iss=ISSUER),
    "a guest for another audience": lambda: guest(aud="elsewhere"),
    "a guest without a name": lambda: guest(sub=None),
    "a guest without an end": lambda: guest(exp=None),
    "a guest without a beginning": lambda: guest(iat=None),
    "a guest whose time is over": lambda: guest(exp=LONG_AGO),
    "a quote passed off as a token": lambda: "eyJ0aGVyYXBpc3QiOiJ0LWF5dSJ9.c2lnbmF0dXJl",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_lets_nobody_in(reader: TokenReader, token: Callable[[], str]) -> None:
    with pytest.raises(Unauthenticated):
        reader.read(token())


@given(st.text(max_size=300) | st.from_regex(r"\A[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,80}\Z"))
def test_no_text_lets_anybody_in_or_breaks_the_reader(token: str) -> None:
    strict = TokenReader(guest_keys=lambda: (GUEST_KEY,), pool_keys=find_key, issuer=ISSUER, client_id=CLIENT)
    with pytest.raises(Unauthenticated):
        strict.read(token)


@given(st.integers(min_value=0), st.sampled_from("ABCXYZabcxyz019_-"))
def test_a_token_with_one_character_changed_lets_nobody_in(position: int, character: str) -> None:
    strict = TokenReader(guest_keys=lambda: (GUEST_KEY,), pool_keys=find_key, issuer=ISSUER, client_id=CLIENT)
    token = guest()
    # The last character of the signature carries two bits that no byte needs.
    place = position % (len(token) - 1)
    changed = token[:place] + character + token[place + 1 :]
    if changed == token:
        return
    with pytest.raises(Unauthenticated):
        strict.read(changed)


def test_an_id_token_says_who_somebody_is(reader: TokenReader) -> None:
    said = claims()
    caller = reader.read(jwt.encode(said, private_key(), algorithm="RS256", headers={"kid": KEY_ID}))
    assert caller == Caller(
        user_id="t-ayu", role=Role.THERAPIST, language=Language.INDONESIAN, signed_in_at=said["auth_time"]
    )


def test_an_access_token_says_the_same(reader: TokenReader) -> None:
    token = member_token(token_use="access", aud=None, client_id=CLIENT, username="t-ayu")
    assert reader.read(token).user_id == "t-ayu"


def test_of_several_groups_the_highest_counts(reader: TokenReader) -> None:
    token = member_token({"cognito:groups": ["customer", "admin", "therapist"]})
    assert reader.read(token).role is Role.ADMIN


def test_a_guest_is_that_customer_for_thirty_days(reader: TokenReader) -> None:
    now = datetime.now(UTC)
    token, until = guest_token("c-guest", Language.ENGLISH, GUEST_KEY, now)
    assert until - now == timedelta(days=30)
    assert reader.read(token) == Caller(
        user_id="c-guest", role=Role.CUSTOMER, language=Language.ENGLISH, signed_in_at=int(now.timestamp())
    )


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_has_one_spelling(reader: TokenReader, part: int) -> None:
    guest, _ = guest_token("c-1", Language.ENGLISH, GUEST_KEY, datetime.now(UTC))
    for token in (guest, member_token()):
        assert reader.read(token).user_id
        written = token.split(".")[part]
        spellings = [f"{written}=", f"{written}==", f"{written[:5]}\n{written[5:]}", f"{written[:5]}+{written[5:]}"]
        if len(written) % 4:
            # The last character has bits that no byte needs.
            alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            spellings.append(written[:-1] + alphabet[alphabet.index(written[-1]) ^ 1])
        for spelling in spellings:
            parts = token.split(".")
            parts[part] = spelling
            with pytest.raises(Unauthenticated):
                reader.read(".".join(parts))
