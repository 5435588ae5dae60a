"""Where MiniStack's REST and WebSocket gateways answer otherwise than API Gateway."""

# ruff: noqa: SLF001 - the emulator has no public seams: this package is where its private names are used

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services import apigateway, apigateway_v1

GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"


def import_gateway_responses() -> None:
    """Let an imported OpenAPI definition bring its gateway responses, as it does on AWS."""
    import_without = apigateway_v1._import_rest_api

    def import_rest_api(definition: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> str:
        api_id: str = import_without(definition, base)
        for response_type, response in (definition.get(GATEWAY_RESPONSES) or {}).items():
            apigateway_v1._put_gateway_response(api_id, response_type, response)
        return api_id

    apigateway_v1._import_rest_api = import_rest_api


def know_binary_types() -> None:
    """Read ``application~1pdf`` as ``application/pdf``: CloudFormation writes binary types of an API so.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html.
    """
    matches_literally = apigateway_v1._media_type_matches

    def matches(media_type: str | None, patterns: list[str] | None) -> bool:
        return bool(matches_literally(media_type, [pattern.replace("~1", "/") for pattern in patterns or []]))

    apigateway_v1._media_type_matches = matches


def hide_crashes() -> None:
    """Answer a crashed function with the gateway's DEFAULT_5XX response, as AWS does, never with its exception."""
    invoke_openly = apigateway_v1._invoke_lambda_proxy_v1

    async def invoke(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        answer = await invoke_openly(*arguments, **named)
        crashed = isinstance(answer, tuple) and answer[0] == 502 and set(answer[1]) == {"Content-Type"}  # noqa: PLR2004 - the status that only the emulator itself answers
        return apigateway_v1._gw_error("DEFAULT_5XX", "Internal server error") if crashed else answer

    apigateway_v1._invoke_lambda_proxy_v1 = invoke


def hide_crashes_from_sockets() -> None:
    """Answer a frame whose function crashed as AWS does, in JSON, never with what became of its worker."""
    invoke_openly = apigateway._invoke_ws_lambda
    place_of_connection_id, place_of_message_id = 5, 7

    async def invoke(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        answer = await invoke_openly(*arguments, **named)
        if not isinstance(answer, dict) or set(answer) != {"statusCode", "body"} or answer["statusCode"] != 500:  # noqa: PLR2004 - the status that only the emulator itself answers
            return answer
        body = {
            "message": "Internal server error",
            "connectionId": arguments[place_of_connection_id],
            "requestId": arguments[place_of_message_id],
        }
        return {"statusCode": 500, "body": json.dumps(body)}

    apigateway._invoke_ws_lambda = invoke


def see_the_real_address() -> None:
    """Tell functions the address that a request really came from, as AWS does, not what its headers claim."""
    invoke_believing = apigateway_v1._invoke_lambda_proxy_v1
    place_of_headers = 7

    async def invoke(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        given = list(arguments)
        given[place_of_headers] = {**given[place_of_headers], "x-forwarded-for": responses.get_request_client_ip()}
        return await invoke_believing(*given, **named)

    apigateway_v1._invoke_lambda_proxy_v1 = invoke
