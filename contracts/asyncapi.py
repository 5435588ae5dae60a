"""The AsyncAPI 3.0 document of the WebSocket."""

from importlib.metadata import version
from typing import Final

from contracts.operations import EVENTS, EXCHANGES, Refusals
from contracts.schemas import REFERENCE, Json, frame_schemas, schemas
from marketplace.chat.frames import FRAMES
from marketplace.platform import refusals
from marketplace.platform.api.access import FRAME_ROLES
from marketplace.platform.api.problems import INTERNAL_CODE

_CHANNEL: Final = "socket"
_COMMON: Final[Refusals] = (
    refusals.MalformedJson,
    refusals.UnknownAction,
    refusals.ValidationFailed,
    refusals.PayloadTooLarge,
    refusals.TooManyRequests,
    refusals.ServiceUnavailable,
)
_ERROR: Final = "ErrorFrame"


def asyncapi_document() -> Json:
    """Return the whole document; its operations are seen from the server, as AsyncAPI has it."""
    replies = sorted({exchange.answer for exchange in EXCHANGES.values() if exchange.answer} | {_ERROR})
    from_server = [*replies, *EVENTS]
    described = {**schemas(of_answers=from_server, of_models=[]), **frame_schemas()}
    described[_ERROR]["properties"]["code"]["enum"] = sorted(
        {refusal.code for exchange in EXCHANGES.values() for refusal in (*exchange.refusals, *_COMMON)}
        | {INTERNAL_CODE}
    )
    from_client = [model.__name__ for model in FRAMES.values()]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Booking and chat: the WebSocket",
            "version": version("marketplace"),
            "description": (
                "Get a ticket from `POST /chat-tickets` and connect with `?ticket=…`: it works once, for 30 seconds. "
                "A frame is one JSON object in one message. An answer bears the `requestId` of its frame. In one room "
                "`sequence` runs without a gap: a client that sees one has missed something and sends `sync`. "
                "A refused frame gets an error; the connection stays."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {
            "stack": {
                "host": "{webSocketHost}",
                "protocol": "wss",
                "description": "The host and path of the stack's output WebSocketUrl",
                "variables": {"webSocketHost": {"default": "127.0.0.1:4566"}},
            }
        },
        "channels": {
            _CHANNEL: {
                "address": "/",
                "description": "One connection of one signed-in user.",
                "bindings": {
                    "ws": {
                        "query": {
                            "type": "object",
                            "required": ["ticket"],
                            "properties": {"ticket": {"type": "string"}},
                        }
                    }
                },
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in [*from_client, *from_server]},
            }
        },
        "operations": {**_received(), **_sent()},
        "components": {
            "messages": {
                name: {
                    "name": name,
                    "summary": described[name].get("description", ""),
                    "payload": {"$ref": REFERENCE + name},
                }
                for name in [*from_client, *from_server]
            },
            "schemas": dict(sorted(described.items())),
        },
    }


def _received() -> Json:
    return {
        action: {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{_CHANNEL}"},
            "summary": EXCHANGES[action].summary,
            "description": _who_and_refusals(action),
            "messages": [_message(model.__name__)],
            "reply": {
                "channel": {"$ref": f"#/channels/{_CHANNEL}"},
                "messages": [_message(name) for name in (EXCHANGES[action].answer, _ERROR) if name],
            },
        }
        for action, model in FRAMES.items()
    }


def _sent() -> Json:
    return {
        f"on{name}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_CHANNEL}"},
            "summary": summary,
            "messages": [_message(name)],
        }
        for name, summary in EVENTS.items()
    }


def _message(name: str) -> Json:
    return {"$ref": f"#/channels/{_CHANNEL}/messages/{name}"}


def _who_and_refusals(action: str) -> str:
    roles = ", ".join(sorted(FRAME_ROLES[action]))
    codes = sorted({refusal.code for refusal in (*EXCHANGES[action].refusals, *_COMMON)} | {INTERNAL_CODE})
    return f"For {roles}. Refusals: {', '.join(f'`{code}`' for code in codes)}."
