"""How the stand-ins misbehave when they are told to."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Literal, final

from starlette.requests import Request
from starlette.responses import Response

type Mode = Literal["ok", "fail", "hang", "throttle", "garbage"]
type Endpoint = Callable[[Request], Awaitable[Response]]
KINDS: Final = ("whatsApp", "email", "sms", "payments", "translation", "push")
MODES: Final[tuple[Mode, ...]] = ("ok", "fail", "hang", "throttle", "garbage")
_HANGS_SECONDS: Final = 120.0


@final
class Faults:
    """The mode of each kind of service: ``hang`` keeps the caller waiting, ``garbage`` answers 200 with no sense."""

    def __init__(self) -> None:
        self._modes: dict[str, Mode] = dict.fromkeys(KINDS, "ok")

    @property
    def modes(self) -> dict[str, Mode]:
        """The present mode of every kind."""
        return dict(self._modes)

    def set(self, kind: str, mode: Mode) -> None:
        """Change the mode of a kind from the next request on."""
        self._modes[kind] = mode

    def guard(self, kind: str, endpoint: Endpoint, refuse: Callable[[int], Response]) -> Endpoint:
        """Return an endpoint that behaves as the mode of its kind says; ``refuse`` words an error of that status."""

        async def guarded(request: Request) -> Response:
            mode = self._modes[kind]
            match mode:
                case "fail":
                    return refuse(500)
                case "throttle":
                    return refuse(429)
                case "garbage":
                    return Response("<html>It works!</html>", media_type="text/html")
                case "hang":
                    await self._until_over(kind)
                    return refuse(504)
                case "ok":
                    return await endpoint(request)

        return guarded

    async def _until_over(self, kind: str) -> None:
        for _ in range(int(_HANGS_SECONDS * 10)):
            if self._modes[kind] != "hang":
                return
            await asyncio.sleep(0.1)
