"""The AsyncAPI 3.0 document of the WebSocket."""

from importlib.metadata import version
from typing import Final

from contracts.handlers import all_frames
from contracts.schemas import REFERENCE, Json, component_name, frame_schemas, prose, schemas
from marketplace.booking.responses.booking import BookingChanged
from marketplace.chat.events import (
    DeletedEvent,
    EditedEvent,
    MessageEvent,
    PresenceEvent,
    ReadEvent,
    TranslatedEvent,
    TypingEvent,
)
from marketplace.moderation.responses import SosEvent
from marketplace.notification.responses import NotificationEvent
from marketplace.platform import refusals
from marketplace.platform.api.problems import INTERNAL_CODE
from marketplace.platform.api.responses import ErrorFrame, Reconnect
from marketplace.platform.api.websocket import FrameRoute
from marketplace.platform.refusals import Refusal

EVENTS: Final = (
    MessageEvent,
    TranslatedEvent,
    PresenceEvent,
    EditedEvent,
    DeletedEvent,
    ReadEvent,
    TypingEvent,
    BookingChanged,
    NotificationEvent,
    SosEvent,
    Reconnect,
)
"""Every frame that the server sends unasked."""
_CHANNEL: Final = "socket"
_COMMON: Final[tuple[type[Refusal], ...]] = (
    refusals.MalformedJson,
    refusals.UnknownAction,
    refusals.ValidationFailed,
    refusals.PayloadTooLarge,
    refusals.TooManyRequests,
    refusals.ServiceUnavailable,
)
_ERROR: Final = ErrorFrame


def asyncapi_document() -> Json:
    """Return the whole document; its operations are seen from the server, as AsyncAPI has it."""
    frames = all_frames()
    sent = [*(frame.response for frame in frames if frame.response), _ERROR, *EVENTS]
    described = {**schemas(of_responses=sent, of_models=[]), **frame_schemas(frames)}
    described[component_name(_ERROR)]["properties"]["code"]["enum"] = sorted(
        {code for frame in frames for code in _codes(frame)}
    )
    from_client = [frame.model.__name__ for frame in frames]
    from_server = list(dict.fromkeys(component_name(each) for each in sent))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Booking and chat: the WebSocket",
            "version": version("marketplace"),
            "description": (
                "Get a ticket from `POST /chat-tickets` and connect with `?ticket=…`: it works once, for 30 seconds. "
                "A frame is one JSON object in one message. An answer bears the `requestId` of its frame. In one room "
                "`sequence` runs without a gap: a client that sees one has missed something and sends `sync`. "
                "A refused frame gets an error; the connection stays. "
                "What both interfaces share is explained [with the REST API](../docs)."
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
        frame.action: {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{_CHANNEL}"},
            "summary": frame.summary,
            "description": _who_and_refusals(frame),
            "messages": [_message(frame.model)],
            "reply": {
                "channel": {"$ref": f"#/channels/{_CHANNEL}"},
                "messages": [_message(response) for response in (frame.response, _ERROR) if response],
            },
        }
        for frame in all_frames()
    }


def _sent() -> Json:
    return {
        f"on{event.__name__}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_CHANNEL}"},
            "summary": prose(event.__doc__),
            "messages": [_message(event)],
        }
        for event in EVENTS
    }


def _message(kind: type) -> Json:
    return {"$ref": f"#/channels/{_CHANNEL}/messages/{component_name(kind)}"}


def _codes(frame: FrameRoute) -> list[str]:
    return sorted({refusal.code for refusal in (*frame.refusals, *_COMMON)} | {INTERNAL_CODE})


def _who_and_refusals(frame: FrameRoute) -> str:
    roles = ", ".join(sorted(frame.roles))
    return f"For {roles}. Refusals: {', '.join(f'`{code}`' for code in _codes(frame))}."
