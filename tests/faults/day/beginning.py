"""What the chapters of a busy day share: the market, and how a booking is made in it."""

import io
import json
from typing import Any, Final

from PIL import Image

from contracts.examples import BODIES
from marketplace import bootstrap
from marketplace.catalogue.therapist.opening_hours import WEEKDAYS
from marketplace.platform import settings
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.attribute_values import to_item
from tests.faults.market import ADMIN, AYU, BUDI, WAYAN, Answered, Market, room_of
from tests.faults.paying import told
from tools.local import demo_data

type Json = dict[str, Any]

EVERYBODY: Final = (WAYAN, AYU, ADMIN)

PDF: Final = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"

TOKEN_METHOD: Final = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/v1/GET/bookings"

_SENDERS: Final = {"push": "send_push"} | dict.fromkeys(("whatsApp", "email", "sms"), "send_messages")


def every_day(opens: str, closes: str) -> Json:
    """Return a week of the same hours."""
    return {day: [{"opens": opens, "closes": closes}] for day in WEEKDAYS}


class Day:
    """A day on a market, to which chapters add what happens."""

    def __init__(self, market: Market) -> None:
        """Let it happen on a market."""
        self.market = market
        for hotel in demo_data.HOTELS:
            bootstrap.catalogue().add_hotel(hotel)
        self.webhook_id = "w-unknown"
        self._numbers = iter(range(10_000_000, 99_999_999))

    def book(self, customer: Caller = WAYAN, therapist: Caller = BUDI, **differing: Any) -> str:
        """Book under a number of its own, at an hour that is free in some days, whatever the hour is now."""
        slots = self._free(therapist, 60)
        number = f"+62812{next(self._numbers)}"
        return self.market.book(
            customer,
            therapist,
            **{
                "bookingType": "scheduled",
                "scheduledTime": slots[0],
                "customerWhatsApp": number,
                "confirmOtherPending": True,
                **differing,
            },
        )

    def _free(self, therapist: Caller, duration: int) -> list[str]:
        for days in range(2, 20):
            day = self.market.now.date().fromordinal(self.market.now.date().toordinal() + days).isoformat()
            path = f"/therapists/{therapist.user_id}/slots"
            query = {"date": day, "duration": str(duration)}
            found = self.market.expect(200, None, "GET", path, query=query)["slots"]
            if found:
                return [slot["start"] for slot in found]
        raise AssertionError

    def _step(self, caller: Caller, booking_id: str, step: str, **body: Any) -> Answered:
        answer = self.market.command(caller, booking_id, step, body or None)
        assert answer.status == 200, answer
        return answer

    def _vanishing(self, booking_id: str, caller: Caller = WAYAN) -> None:
        """Let somebody open the room over a socket that is gone a minute later."""
        connection_id = f"socket-vanishing-{caller.user_id}"
        self.market.connect(caller, connection_id)
        opened = {"action": "openRoom", "conversationId": room_of(booking_id)}
        assert self.market.frame(caller, connection_id, opened)["type"] == "ack"
        self.market.wait(minutes=1)
        self.market.gateway.open.discard(connection_id)

    def _uploaded(self, upload: Json, content: bytes) -> None:
        self.market.bucket.files[upload["upload"]["fields"]["key"]] = content

    def _process(self, upload: Json) -> None:
        for version in ("v1", None):
            stored = {"key": upload["upload"]["fields"]["key"]} | ({"versionId": version} if version else {})
            self.market.invoke("process_upload", {"Records": [{"s3": {"object": stored}}]})

    def _show_a_photo(self) -> None:
        """Let a therapist show a photo."""
        picture = io.BytesIO()
        Image.new("RGB", (900, 600)).save(picture, "PNG")
        asked = {"fileName": "me.png", "contentType": "image/png", "size": len(picture.getvalue())}
        upload = self.market.expect(201, AYU, "POST", "/me/photo", asked, key="photo")
        self._uploaded(upload, picture.getvalue())
        self._process(upload)

    def _judge_paper(self, decision: str, body: Json | None) -> None:
        """Let a therapist hand a paper in that expires soon, and an admin judge it."""
        soon = self.market.now.date().fromordinal(self.market.now.date().toordinal() + 20).isoformat()
        paper = {**BODIES["NewDocument"], "expiresOn": soon, "size": len(PDF)}
        announced = self.market.expect(201, AYU, "POST", "/me/documents", paper, key=decision)
        self._uploaded(announced, PDF)
        path = f"documents/{announced['documentId']}"
        if decision == "approve":
            self._process(announced)
        self.market.expect(200, AYU, "POST", f"/me/{path}/submit")
        self._process(announced)
        self.market.expect(302, ADMIN, "GET", f"/attachments/{announced['upload']['fields']['key'].split('/')[1]}")
        self.market.expect(200, AYU, "GET", "/me/documents", query={"limit": "1"})
        self.market.expect(200, ADMIN, "POST", f"/admin/{path}/{decision}", body)
        self.market.invoke("manage_catalogue", {})

    def _told_by_the_provider(self, payment_id: str, received: str, amount: int) -> None:
        self.market.wait(seconds=1)
        assert told(self.market, payment_id, received, amount) == 200

    def _provision(self, user_id: str, *, was_enabled: bool | None = None) -> None:
        old = {} if was_enabled is None else {"OldImage": {"enabled": {"BOOL": was_enabled}}}
        record = {"dynamodb": {"Keys": {"userId": {"S": user_id}}, "SequenceNumber": "1", **old}}
        assert self.market.invoke("provision_sign_ins", {"Records": [record]}) == {"batchItemFailures": []}

    def _try_deliveries(self) -> None:
        """Bring everything that waits to its queue, by stream and by sweep, and try it once."""
        self.market.wait(minutes=1)
        for row in self.market.rows("webhook_deliveries"):
            record = {"dynamodb": {"NewImage": to_item(row), "SequenceNumber": "1"}}
            self.market.invoke("dispatch_deliveries", {"Records": [record]})
        for row in self.market.rows("deliveries"):
            record = {"dynamodb": {"NewImage": to_item(row), "SequenceNumber": "1"}}
            self.market.invoke("dispatch_deliveries", {"Records": [record]})
        self.market.invoke("dispatch_deliveries", {})
        for row in self.market.rows("deliveries"):
            ticket = {"deliveryId": row["deliveryId"], "attempt": int(row["attempts"]) + 1}
            self._bring(_SENDERS[row["channel"]], ticket)
        for row in self.market.rows("webhook_deliveries"):
            known = {"webhookId": row["webhookId"], "deliveryId": row["deliveryId"]}
            self._bring("tell_webhooks", {**known, "attempt": int(row["attempts"]) + 1})

    def _bring(self, function: str, ticket: Json) -> None:
        event = {"Records": [{"messageId": "1", "body": json.dumps(ticket)}]}
        assert self.market.invoke(function, event) == {"batchItemFailures": []}

    def _an_admin_looks_in_and_leaves(self) -> None:
        """Let an admin open the room of the test booking that is being played, over a socket that is gone at once."""
        played = next(row for row in self.market.rows("bookings") if row["isTest"] and row["status"] == "pending")
        self.market.connect(ADMIN, "socket-curious")
        opened = {"action": "openRoom", "conversationId": played["chatRoomId"]}
        self.market.frame(ADMIN, "socket-curious", opened)
        self.market.gateway.open.discard("socket-curious")

    def _lose(self, table: str, **key: str | int) -> None:
        prefix = settings.settings().table_prefix
        self.market.raw.delete_item(TableName=prefix + table, Key=to_item(key))
