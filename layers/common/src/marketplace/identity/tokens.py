"""JSON Web Tokens: a guest's, which we sign, and a member's, which the user pool signs.

Everything that can be pinned is pinned: algorithm, issuer, audience, required claims, size. Only
functions with the tokens layer may import this module.
Sources: RFC 7519, RFC 8725 (best current practices);
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, final

import jwt

from marketplace.platform.caller import Caller, Role
from marketplace.platform.language import Language
from marketplace.platform.refusals import Unauthenticated

GUEST_GOOD_FOR: Final = timedelta(days=30)
_GUEST_ISSUER: Final = "marketplace:guests"
_GUEST_AUDIENCE: Final = "marketplace"
_LONGEST: Final = 4_096
_LEEWAY: Final = timedelta(seconds=5)


def guest_token(customer_id: str, language: Language, key: str, now: datetime) -> tuple[str, datetime]:
    """Return a token that makes its bearer that customer, and until when."""
    until = now + GUEST_GOOD_FOR
    claims = {
        "iss": _GUEST_ISSUER,
        "aud": _GUEST_AUDIENCE,
        "sub": customer_id,
        "iat": int(now.timestamp()),
        "exp": int(until.timestamp()),
        "locale": language.value,
    }
    return jwt.encode(claims, key, algorithm="HS256"), until


def is_guest_token(token: str) -> bool:
    """Say whether a token that has been read before is one of ours, and not the user pool's."""
    return bool(jwt.get_unverified_header(token).get("alg") == "HS256")


def until_of(token: str) -> datetime:
    """Return until when a token counts that has been read before."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return datetime.fromtimestamp(int(claims["exp"]), UTC)


@final
class TokenReader:
    """Says who is behind a token."""

    def __init__(
        self, *, guest_keys: Callable[[], Iterable[str]], pool_keys: Callable[[str], Any], issuer: str, client_id: str
    ) -> None:
        """Take the guests' keys that count, a way to find a key of the user pool by its id, and what to insist on."""
        self._guest_keys = guest_keys
        self._pool_keys = pool_keys
        self._issuer = issuer
        self._client_id = client_id

    def read(self, token: str) -> Caller:
        """Return whom a token stands for.

        The header chooses between two readings, each with one algorithm and a key of its own, so that no
        header can make one kind of key be taken for the other.

        Raises:
            Unauthenticated: it does not hold.
            ServiceUnavailable: the keys to check it with are not to be had now.
        """
        if len(token) > _LONGEST or not _is_spelled_once(token):
            raise Unauthenticated
        try:
            header = jwt.get_unverified_header(token)
            match header["alg"]:
                case "HS256":
                    return self._guest(token)
                case "RS256":
                    return self._member(token, header["kid"])
                case _:
                    raise Unauthenticated
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
            raise Unauthenticated from None

    def _guest(self, token: str) -> Caller:
        claims = self._guest_claims(token)
        return Caller(
            user_id=str(claims["sub"]),
            role=Role.CUSTOMER,
            language=_language(claims.get("locale")),
            signed_in_at=int(claims["iat"]),
        )

    def _guest_claims(self, token: str) -> dict[str, Any]:
        for key in self._guest_keys():
            with suppress(jwt.InvalidSignatureError):  # it may be another key's
                claims: dict[str, Any] = jwt.decode(
                    token,
                    key,
                    algorithms=["HS256"],
                    issuer=_GUEST_ISSUER,
                    audience=_GUEST_AUDIENCE,
                    leeway=_LEEWAY,
                    options={"require": ["exp", "iat", "sub", "iss", "aud"]},
                )
                return claims
        raise Unauthenticated

    def _member(self, token: str, key_id: str) -> Caller:
        claims = jwt.decode(
            token,
            self._pool_keys(key_id),
            algorithms=["RS256"],
            issuer=self._issuer,
            leeway=_LEEWAY,
            options={"require": ["exp", "iat", "iss", "sub", "token_use"], "verify_aud": False},
        )
        use = claims["token_use"]
        audience, name = ("aud", "cognito:username") if use == "id" else ("client_id", "username")
        if use not in {"id", "access"} or claims[audience] != self._client_id:
            raise Unauthenticated
        if not isinstance(claims[name], str) or not claims[name]:
            raise Unauthenticated
        return Caller(
            user_id=claims[name],
            role=_role(claims.get("cognito:groups")),
            language=_language(claims.get("locale")),
            signed_in_at=int(claims.get("auth_time", claims["iat"])),
        )


def _is_spelled_once(token: str) -> bool:
    """Say whether each part of a token is base64url without padding or loose bits (RFC 7515, section 2).

    Readers of base64 forgive both, so that one token would have many spellings.
    """
    return all(_WRITTEN.fullmatch(part) is not None and _recoded(part) == part for part in token.split("."))


def _recoded(part: str) -> str:
    try:
        return urlsafe_b64encode(urlsafe_b64decode(part + "=" * (-len(part) % 4))).decode().rstrip("=")
    except ValueError:
        return ""


_WRITTEN: Final = re.compile("[A-Za-z0-9_-]+")


def _role(groups: object) -> Role:
    """Return the one role of a member: the highest of the groups that we know; nobody without any."""
    for role in (Role.ADMIN, Role.THERAPIST, Role.CUSTOMER):
        if isinstance(groups, list) and role.value in groups:
            return role
    raise Unauthenticated


def _language(locale: object) -> Language:
    """Return the language of a locale such as ``id`` or ``id-ID``, English where it is none of ours."""
    known = {language.value: language for language in Language}
    return known.get(str(locale)[:2].lower(), Language.ENGLISH)
