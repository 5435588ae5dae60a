"""Runs MiniStack in its own environment, ends with its parent, and teaches it what API Gateway does but it does not.

The first argument names the file that its log goes to. Standard input must be a pipe that the parent holds open: when
it closes, however the parent ended, the emulator stops cleanly and saves its state.
"""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack import app
from ministack.services import apigateway_v1

GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"


def stop_with_parent() -> None:
    """Wait for the end of standard input, then ask this process for a clean stop."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def import_gateway_responses() -> None:
    """Let an imported OpenAPI definition bring its gateway responses, as it does on AWS."""
    import_without = apigateway_v1._import_rest_api  # noqa: SLF001 - the emulator has no public seam

    def import_rest_api(definition: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> str:
        api_id: str = import_without(definition, base)
        for response_type, response in (definition.get(GATEWAY_RESPONSES) or {}).items():
            apigateway_v1._put_gateway_response(api_id, response_type, response)  # noqa: SLF001 - no public seam
        return api_id

    apigateway_v1._import_rest_api = import_rest_api  # noqa: SLF001 - the emulator has no public seam


def hide_crashes() -> None:
    """Answer a crashed function with the gateway's DEFAULT_5XX response, as AWS does, never with its exception."""
    invoke_openly = apigateway_v1._invoke_lambda_proxy_v1  # noqa: SLF001 - the emulator has no public seam

    async def invoke(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        answer = await invoke_openly(*arguments, **named)
        crashed = isinstance(answer, tuple) and answer[0] == 502 and set(answer[1]) == {"Content-Type"}  # noqa: PLR2004 - the status that only the emulator itself answers
        return apigateway_v1._gw_error("DEFAULT_5XX", "Internal server error") if crashed else answer  # noqa: SLF001 - no public seam

    apigateway_v1._invoke_lambda_proxy_v1 = invoke  # noqa: SLF001 - the emulator has no public seam


def main() -> None:
    """Serve until told to stop."""
    with Path(sys.argv.pop(1)).open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    import_gateway_responses()
    hide_crashes()
    threading.Thread(target=stop_with_parent, daemon=True).start()
    app.main()


if __name__ == "__main__":
    main()
