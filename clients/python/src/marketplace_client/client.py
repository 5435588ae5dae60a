"""The two clients of the REST API: one that waits, one to be awaited."""

from types import TracebackType
from typing import Self

import httpx

from marketplace_client.calls import Token
from marketplace_client.operations import AsyncOperations, Operations

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class Client(Operations):
    """The REST API, waiting for each answer.

    Args:
        base_url: the stack's output ``RestUrl``.
        token: a bearer token, or what gives one whenever it is asked; None for what anybody may do.
        transport: how requests are sent; httpx's own unless a test has another.

    Every method raises ``Problem`` if the request is refused, and ``httpx.TransportError`` if nobody answers. A request
    that may be repeated (a reading one, or one with an ``idempotency_key``) is sent up to three times.
    """

    def __init__(self, base_url: str, *, token: Token = None, transport: httpx.BaseTransport | None = None) -> None:
        super().__init__(httpx.Client(base_url=base_url.rstrip("/"), timeout=_TIMEOUT, transport=transport), token)

    def __enter__(self) -> Self:
        """Do nothing: the first request opens a connection."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


class AsyncClient(AsyncOperations):
    """The REST API, to be awaited; see ``Client``."""

    def __init__(
        self, base_url: str, *, token: Token = None, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        super().__init__(httpx.AsyncClient(base_url=base_url.rstrip("/"), timeout=_TIMEOUT, transport=transport), token)

    async def __aenter__(self) -> Self:
        """Do nothing: the first request opens a connection."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()
