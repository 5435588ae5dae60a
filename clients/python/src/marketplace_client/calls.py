"""How a request is sent: token, repeats, problems."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx

type Token = str | Callable[[], str] | None
"""A bearer token, or what gives one; None for nobody in particular."""

ATTEMPTS: Final = 3
_FIRST_DELAY_SECONDS: Final = 0.2
_LONGEST_WAIT_SECONDS: Final = 10.0
_PASSING: Final = frozenset({429, 500, 502, 503, 504})


class Problem(Exception):  # noqa: N818 - named as RFC 9457 names it
    """A request that was refused, or that failed on the other side.

    Attributes:
        status: the HTTP status.
        code: what went wrong, stable: ``slot_taken``, ``validation_failed`` …; ``unknown`` if a proxy answered.
        detail: the same for people.
        errors: the fields that break a rule, as ``{"path", "message"}``.
        request_id: what to quote in a report.
        retry_after: seconds after which to try again, if the answer said so.
        body: the whole problem document.
    """

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.body = _problem_document(response)
        self.code = str(self.body.get("code", "unknown"))
        self.detail = str(self.body.get("detail", response.reason_phrase))
        self.errors: list[dict[str, str]] = list(self.body.get("errors", ()))
        self.request_id = response.headers.get("x-request-id")
        header = response.headers.get("retry-after", "")
        self.retry_after = float(header) if header.isdigit() else None
        super().__init__(f"{self.status} {self.code}: {self.detail}")

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in _PASSING


def _problem_document(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def query_of(values: Mapping[str, object]) -> dict[str, str]:
    """Return the parameters that have a value, as the wire writes them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _headers(token: Token, headers: Mapping[str, str] | None) -> dict[str, str]:
    present = token() if callable(token) else token
    return {**(headers or {}), **({"Authorization": f"Bearer {present}"} if present else {})}


def _may_repeat(method: str, headers: Mapping[str, str] | None) -> bool:
    return method == "GET" or "Idempotency-Key" in (headers or {})


def _pause(attempt: int, problem: Problem | None) -> float:
    """Return the seconds before the next attempt: as told, else full jitter under a growing ceiling."""
    if problem is not None and problem.retry_after is not None:
        return min(problem.retry_after, _LONGEST_WAIT_SECONDS)
    return random.uniform(0, _FIRST_DELAY_SECONDS * 2**attempt)  # noqa: S311 - spreads load, guards nothing


def _judged(response: httpx.Response) -> httpx.Response:
    if response.status_code >= httpx.codes.BAD_REQUEST:
        raise Problem(response)
    return response


def _value(response: httpx.Response) -> Any:  # noqa: ANN401 - whatever the answer holds
    """Return what an answer holds: JSON, or the text of an export."""
    return response.json() if "json" in response.headers.get("content-type", "") else response.text


class Caller:
    """Sends requests and waits."""

    def __init__(self, http: httpx.Client, token: Token) -> None:
        self._http = http
        self.token = token

    @staticmethod
    def part(value: str) -> str:
        """Return a value as one part of a path, whatever is in it."""
        return quote(value, safe="")

    def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - what an operation answers; its method says it
        """Send a request and return what its answer holds.

        Raises:
            Problem: the request was refused.
            httpx.TransportError: nobody answered.
        """
        return _value(self._send(method, path, body, query, headers))

    def redirect(self, method: str, path: str) -> str:
        """Send a request and return the address that its answer points to."""
        return str(self._send(method, path, None, None, None).headers["location"])

    def _send(
        self,
        method: str,
        path: str,
        body: object,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        for attempt in range(ATTEMPTS):
            problem: Problem | None = None
            try:
                return _judged(
                    self._http.request(method, path, json=body, params=query, headers=_headers(self.token, headers))
                )
            except Problem as refused:
                problem = refused
                if not (refused.is_passing and _may_repeat(method, headers)) or attempt == ATTEMPTS - 1:
                    raise
            except httpx.TransportError:
                if not _may_repeat(method, headers) or attempt == ATTEMPTS - 1:
                    raise
            time.sleep(_pause(attempt, problem))
        message = "every attempt returns or raises"
        raise AssertionError(message)


class AsyncCaller:
    """Sends requests and is awaited."""

    def __init__(self, http: httpx.AsyncClient, token: Token) -> None:
        self._http = http
        self.token = token

    @staticmethod
    def part(value: str) -> str:
        """Return a value as one part of a path, whatever is in it."""
        return quote(value, safe="")

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - what an operation answers; its method says it
        """Send a request and return what its answer holds; see ``Caller.call``."""
        return _value(await self._send(method, path, body, query, headers))

    async def redirect(self, method: str, path: str) -> str:
        """Send a request and return the address that its answer points to."""
        return str((await self._send(method, path, None, None, None)).headers["location"])

    async def _send(
        self,
        method: str,
        path: str,
        body: object,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        for attempt in range(ATTEMPTS):
            problem: Problem | None = None
            try:
                return _judged(
                    await self._http.request(
                        method, path, json=body, params=query, headers=_headers(self.token, headers)
                    )
                )
            except Problem as refused:
                problem = refused
                if not (refused.is_passing and _may_repeat(method, headers)) or attempt == ATTEMPTS - 1:
                    raise
            except httpx.TransportError:
                if not _may_repeat(method, headers) or attempt == ATTEMPTS - 1:
                    raise
            await asyncio.sleep(_pause(attempt, problem))
        message = "every attempt returns or raises"
        raise AssertionError(message)
