"""Stand-ins of what reaches people: WhatsApp's Cloud API, Amazon SES and SNS, a push service, Amazon Translate.

Each speaks the real service's HTTP as far as our adapters use it, refusals included.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final, final
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.local.outbox.faults import Faults
from tools.local.outbox.messages import Message, Messages
from tools.local.outbox.push import PushSubscriptions

_TAG_NAMES: Final = {"template", "language"}


@final
class Reach:
    """The stand-ins over one store of messages."""

    def __init__(self, messages: Messages, faults: Faults, subscriptions: PushSubscriptions) -> None:
        self._messages = messages
        self._faults = faults
        self._subscriptions = subscriptions

    @property
    def routes(self) -> list[Route]:
        """Every path of every stand-in."""
        guard = self._faults.guard
        return [
            Route(
                "/graph/{version}/{number_id}/messages",
                guard("whatsApp", self.send_whats_app, _graph_error),
                methods=["POST"],
            ),
            Route("/ses/v2/email/outbound-emails", guard("email", self.send_email, _aws_json_error), methods=["POST"]),
            Route("/sns/", guard("sms", self.publish_sms, _aws_query_error), methods=["POST"]),
            Route("/translate/", guard("translation", self.translate, _aws_json_error), methods=["POST"]),
            Route("/push/{subscription_id}", guard("push", self.push, _push_error), methods=["POST"]),
            Route("/push-subscriptions", self.subscribe, methods=["POST"]),
            Route("/push-subscriptions/{subscription_id}", self.unsubscribe, methods=["DELETE"]),
        ]

    async def send_whats_app(self, request: Request) -> Response:
        """Take a template message as ``POST /{version}/{phone-number-id}/messages`` of the Cloud API does."""
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _graph_error(401)
        body = await request.json()
        template = body.get("template") or {}
        number = str(body.get("to", "")).removeprefix("+")
        if body.get("messaging_product") != "whatsapp" or not number.isdigit() or not template.get("name"):
            return _graph_error(400)
        parameters = dict(_template_parameters(template))
        self._messages.add(
            Message(
                channel="whatsApp",
                to=f"+{number}",
                template=str(template["name"]),
                language=str((template.get("language") or {}).get("code", "")),
                text=" · ".join(str(value) for value in parameters.values()),
                data=parameters,
            )
        )
        return JSONResponse(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": number, "wa_id": number}],
                "messages": [{"id": f"wamid.{secrets.token_hex(12)}", "message_status": "accepted"}],
            }
        )

    async def send_email(self, request: Request) -> Response:
        """Take an e-mail as ``SendEmail`` of SES API v2 does; its tags become ``template``, ``language`` and data."""
        body = await request.json()
        content = (body.get("Content") or {}).get("Simple") or {}
        tags = {str(tag["Name"]): str(tag["Value"]) for tag in body.get("EmailTags") or []}
        receivers = (body.get("Destination") or {}).get("ToAddresses") or []
        if not receivers or not content:
            return _aws_json_error(400)
        parts = content.get("Body") or {}
        for receiver in receivers:
            self._messages.add(
                Message(
                    channel="email",
                    to=str(receiver),
                    template=tags.get("template"),
                    language=tags.get("language"),
                    subject=str((content.get("Subject") or {}).get("Data", "")),
                    text=str((parts.get("Text") or parts.get("Html") or {}).get("Data", "")),
                    data={name: value for name, value in tags.items() if name not in _TAG_NAMES}
                    | {"html": str((parts.get("Html") or {}).get("Data", ""))},
                )
            )
        return JSONResponse({"MessageId": secrets.token_hex(16)})

    async def publish_sms(self, request: Request) -> Response:
        """Take an SMS as ``Publish`` of SNS does, by its query protocol."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        number = form.get("PhoneNumber", "")
        if form.get("Action") != "Publish" or not re.fullmatch(r"\+[1-9]\d{6,14}", number):
            return _aws_query_error(400)
        attributes = {
            form[name]: form.get(f"{name.removesuffix('.Name')}.Value.StringValue", "")
            for name in form
            if re.fullmatch(r"MessageAttributes\.entry\.\d+\.Name", name)
        }
        self._messages.add(
            Message(
                channel="sms",
                to=number,
                template=attributes.get("template"),
                language=attributes.get("language"),
                text=form.get("Message", ""),
                data={
                    name: value
                    for name, value in attributes.items()
                    if name not in _TAG_NAMES and not name.startswith("AWS.")
                },
            )
        )
        return Response(
            '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
            f"<MessageId>{secrets.token_hex(16)}</MessageId></PublishResult><ResponseMetadata>"
            f"<RequestId>{secrets.token_hex(16)}</RequestId></ResponseMetadata></PublishResponse>",
            media_type="text/xml",
        )

    async def translate(self, request: Request) -> Response:
        """Answer ``TranslateText`` of Amazon Translate with the text under the name of the language asked for."""
        body = await request.json()
        target = str(body.get("TargetLanguageCode", ""))
        return JSONResponse(
            {
                "TranslatedText": f"[{target}] {body.get('Text', '')}",
                "SourceLanguageCode": body.get("SourceLanguageCode", "auto"),
                "TargetLanguageCode": target,
            },
            media_type="application/x-amz-json-1.1",
        )

    async def push(self, request: Request) -> Response:
        """Take a push message (RFC 8030) and open it with the keys of its subscription (RFC 8291)."""
        subscription_id = request.path_params["subscription_id"]
        body = await request.body()
        subscription = self._subscriptions.find(subscription_id)
        if subscription is None:
            return _push_error(410)
        if not request.headers.get("authorization", "").startswith("vapid ") or "ttl" not in request.headers:
            return _push_error(403)
        payload = subscription.decrypt(body)
        if payload is None:
            return _push_error(400)
        self._messages.add(
            Message(
                channel="push",
                to=str(request.url),
                template=str(payload.get("event", "")),
                subject=str(payload.get("title", "")),
                text=str(payload.get("body", "")),
                data=payload,
            )
        )
        return Response(status_code=201)

    async def subscribe(self, request: Request) -> Response:
        """Make a subscription as a browser does: an endpoint here, and the keys for it in base64url."""
        subscription_id = self._subscriptions.add()
        keys = self._subscriptions.keys(subscription_id)
        return JSONResponse({"endpoint": f"{request.base_url}push/{subscription_id}", "keys": keys}, 201)

    async def unsubscribe(self, request: Request) -> Response:
        """Let a subscription go; pushes to it are answered with 410 from then on."""
        self._subscriptions.remove(request.path_params["subscription_id"])
        return JSONResponse({})


def _template_parameters(template: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for component in template.get("components") or []:
        for number, parameter in enumerate(component.get("parameters") or [], start=1):
            name = str(parameter.get("parameter_name") or f"{component.get('type', 'body')}{number}")
            found.append((name, str(parameter.get("text", parameter.get("payload", "")))))
    return found


def _graph_error(status: int) -> Response:
    kinds = {
        400: ("(#100) Invalid parameter", 100),
        401: ("Authentication Error", 190),
        429: ("(#130429) Rate limit hit", 130_429),
    }
    message, code = kinds.get(status, ("(#131000) Something went wrong", 131_000))
    trace = base64.urlsafe_b64encode(secrets.token_bytes(9)).decode()
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": trace}
    return JSONResponse({"error": error}, status)


def _aws_json_error(status: int) -> Response:
    kind = {400: "BadRequestException", 429: "TooManyRequestsException"}.get(status, "InternalServiceErrorException")
    return JSONResponse({"__type": kind, "message": "stand-in"}, status, headers={"x-amzn-errortype": kind})


def _aws_query_error(status: int) -> Response:
    code = {400: "InvalidParameter", 429: "Throttled"}.get(status, "InternalError")
    return Response(
        f"<ErrorResponse><Error><Type>{'Sender' if status == 400 else 'Receiver'}</Type><Code>{escape(code)}</Code>"  # noqa: PLR2004 - AWS's word for who is at fault
        "<Message>stand-in</Message></Error></ErrorResponse>",
        status,
        media_type="text/xml",
    )


def _push_error(status: int) -> Response:
    return Response(status_code=status)
