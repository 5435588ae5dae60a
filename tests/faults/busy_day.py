"""One day on which every function does everything that it ever does, down to its repairs and its second looks."""

import base64
import gzip
import io
import json
from collections import defaultdict
from copy import replace
from datetime import datetime, timedelta
from typing import Any, Final

from PIL import Image

from contracts.examples import BODIES
from contracts.handlers import all_routes
from marketplace import bootstrap
from marketplace.catalogue.therapist.opening_hours import WEEKDAYS
from marketplace.identity.connections import MOST_OPEN
from marketplace.identity.sign_ins import SignIns
from marketplace.identity.verification import code_of
from marketplace.notification.webhooks.model import SWITCHED_OFF_AFTER
from marketplace.platform import settings
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.attribute_values import to_item
from marketplace.platform.dynamodb.records import to_record
from tests.events import rest_event
from tests.faults.market import ADMIN, AYU, BUDI, MADE, PROVIDER_TOKEN, WAYAN, Answered, Market, room_of
from tools.local import demo_data

type Json = dict[str, Any]

EVERYBODY: Final = (WAYAN, AYU, ADMIN)
PDF: Final = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"
TOKEN_METHOD: Final = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/v1/GET/bookings"


_SENDERS: Final = {"push": "send_push"} | dict.fromkeys(("whatsApp", "email", "sms"), "send_messages")


def every_day(opens: str, closes: str) -> Json:
    """Return a week of the same hours."""
    return {day: [{"opens": opens, "closes": closes}] for day in WEEKDAYS}


class ColdMarket(Market):
    """A market each of whose invocations is the first of a fresh execution environment."""

    def invoke(self, function: str, event: Any) -> Json:
        """Invoke a function that remembers nothing."""
        self.forget_caches()
        return super().invoke(function, event)


class BusyDay:
    """Everybody comes and does everything once."""

    def __init__(self, market: Market) -> None:
        """Let it happen on a market."""
        self.market = market
        for hotel in demo_data.HOTELS:
            bootstrap.catalogue().add_hotel(hotel)
        self.webhook_id = "w-unknown"
        self._numbers = iter(range(10_000_000, 99_999_999))

    def pass_by(self) -> None:
        """Let everything happen."""
        self.people_come_in()
        self.bookings_end_in_every_way()
        self.admins_run_the_catalogue()
        self.offers_are_rung_expire_and_wander()
        self.people_talk()
        self.people_do_not_feel_safe()
        self.sockets_vanish()
        self.files_are_shared()
        self.therapists_look_after_themselves()
        self.money_is_settled_and_audited()
        self.the_books_are_kept()
        self.the_owner_runs_the_house()
        self.somebody_is_suspended()
        self.people_are_reached()
        self.admins_try_the_system()
        self.everybody_reads_everything()
        self.rows_go_missing()
        self.visits_move()
        self.visits_are_judged()
        self.customers_are_forgotten()
        self.sockets_grow_old_and_people_leave()

    # People ---------------------------------------------------------------------------------------------

    def people_come_in(self) -> None:
        """A guest comes by token and by ticket; three people open sockets."""
        guest = self.market.expect(201, None, "POST", "/guest-sessions", {})
        allowed = self.market.invoke(
            "authorize",
            {
                "methodArn": TOKEN_METHOD,
                "headers": {"Authorization": f"Bearer {guest['token']}"},
                "requestContext": {"requestId": "r-1"},
            },
        )
        assert allowed["principalId"] == guest["customerId"]
        ticket = self.market.expect(201, WAYAN, "POST", "/chat-tickets")["ticket"]
        connecting = {
            "methodArn": TOKEN_METHOD,
            "headers": {},
            "queryStringParameters": {"ticket": ticket},
            "requestContext": {"requestId": "r-2", "routeKey": "$connect"},
        }
        assert self.market.invoke("authorize", connecting)["principalId"] == WAYAN.user_id
        for caller in EVERYBODY:
            assert self.market.connect(caller, f"socket-{caller.user_id}") == 200

    def sockets_grow_old_and_people_leave(self) -> None:
        """Somebody signs out everywhere; sockets are asked to reconnect, and forgotten with the windows they show."""
        self.market.connect(MADE, "socket-made")
        self.market.expect(200, MADE, "POST", "/sign-out-everywhere")
        for caller in (AYU, MADE, ADMIN):
            self.market.connect(caller, f"socket-old-{caller.user_id}")
        self.market.disconnect(AYU, "socket-old-t-ayu")
        booking_id = self.book(MADE)
        for caller in (MADE, ADMIN):
            opened = {"action": "openRoom", "conversationId": room_of(booking_id)}
            assert self.market.frame(caller, f"socket-old-{caller.user_id}", opened)["type"] == "ack"
        self.market.wait(minutes=118)
        assert self.market.invoke("retire_connections", {})["told"]
        self.market.wait(minutes=8)
        assert self.market.invoke("retire_connections", {})["forgotten"]

    # Bookings -------------------------------------------------------------------------------------------

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

    def bookings_end_in_every_way(self) -> None:
        """Bookings with codes are asked for twice, accepted twice, declined, cancelled before and after, completed."""
        quote = {"therapistId": "t-ayu", "duration": 60, "bookingType": "immediate", "discountCode": "SEKALI"}
        self.market.expect(409, WAYAN, "POST", "/quotes", {**quote, "discountCode": "GUESSED"})
        token = self.market.expect(200, WAYAN, "POST", "/quotes", quote)["quoteToken"]
        order = self.market.order(discountCode="SEKALI", quoteToken=token)
        first = self.market.expect(201, WAYAN, "POST", "/bookings", order, key="one")["booking"]["bookingId"]
        self.market.expect(201, WAYAN, "POST", "/bookings", order, key="one")
        self._step(AYU, first, "decline")
        hotel = {"location": None, "hotelVillaId": "h-tepi-sawah", "roomNumber": "12"}
        place = {name: value for name, value in {**self.market.order(BUDI), **hotel}.items() if value is not None}
        second = self.market.expect(201, MADE, "POST", "/bookings", place)["booking"]["bookingId"]
        self._step(BUDI, second, "accept")
        self._step(BUDI, second, "accept")
        self._step(BUDI, second, "complete")
        self._step(WAYAN, self.book(discountCode="SEKALI", source="chatWindow"), "cancel")
        third = self.book()
        self._step(BUDI, third, "accept")
        self._step(WAYAN, third, "cancel", reason="we leave today")
        self.market.publish()

    def offers_are_rung_expire_and_wander(self) -> None:
        """An offer with a code is rung again, expires, and goes to another therapist, whose sheet it opens."""
        booking_id = self.market.book(discountCode="SEKALI", customerWhatsApp="+6281999999999")
        self.market.wait(minutes=6)
        self.market.invoke("ring_again", {})
        self.market.wait(minutes=10)
        self.market.sweep()
        self.market.publish()
        self._step(ADMIN, booking_id, "reassign", therapistId="t-citra")
        self._step(ADMIN, booking_id, "reassign", therapistId=BUDI.user_id)
        self._step(BUDI, booking_id, "accept")

    def _step(self, caller: Caller, booking_id: str, step: str, **body: Any) -> Answered:
        answer = self.market.command(caller, booking_id, step, body or None)
        assert answer.status == 200, answer
        return answer

    # Chat -----------------------------------------------------------------------------------------------

    def people_talk(self) -> None:
        """Frames of every kind, a message sent twice, a socket that is gone when it is told something."""
        booking_id = self.book()
        room = {"conversationId": room_of(booking_id)}
        self.market.publish()
        for frame in (
            {"action": "openRoom", **room},
            {"action": "typing", **room},
            {"action": "sync", "after": 0, **room},
            {"action": "markRead", "sequence": 1, **room},
            {"action": "closeRoom", **room},
            {"action": "openRoom", **room},
        ):
            answer = self.market.frame(WAYAN, "socket-c-wayan", frame)
            assert answer.get("type") != "error", answer
        for _ in range(2):
            self.market.send(WAYAN, booking_id, "hello", "m-1")
        for frame in (
            {"action": "editMessage", "sequence": 4, "message": "hello there", **room},
            {"action": "sync", "after": 0, "revision": 0, "epoch": "1", **room},
            {"action": "deleteMessage", "sequence": 4, **room},
        ):
            answer = self.market.frame(WAYAN, "socket-c-wayan", frame)
            assert answer.get("type") != "error", answer
        self.market.expect(200, WAYAN, "GET", f"/rooms/{room_of(booking_id)}/messages", query={"changedAfter": "0"})
        said = {"action": "sendMessage", "clientMessageId": "m-2", "message": "hello?", **room}
        assert self.market.frame(WAYAN, "socket-of-nobody", said)["code"] == "unauthenticated"
        for number in range(MOST_OPEN + 1):
            self.market.connect(MADE, f"socket-c-made-{number}")
        self.market.disconnect(MADE, f"socket-c-made-{MOST_OPEN}")
        self.market.expect(200, WAYAN, "POST", f"/rooms/{room_of(booking_id)}/read", {"sequence": 2})
        notice = self.market.expect(200, WAYAN, "GET", "/notifications")["items"][0]
        self.market.expect(200, WAYAN, "POST", f"/notifications/{notice['notificationId']}/read")

    def people_do_not_feel_safe(self) -> None:
        """Blocks, reports that end in every way, and a call for help."""
        booking_id = self.book()
        room = room_of(booking_id)
        self.market.send(BUDI, booking_id, "a rude word", "m-1")
        self.market.expect(200, WAYAN, "POST", f"/rooms/{room}/block")
        self.market.expect(200, WAYAN, "DELETE", f"/rooms/{room}/block")
        self._step(BUDI, booking_id, "accept")
        self.market.publish()
        self.market.expect(200, WAYAN, "POST", f"/bookings/{booking_id}/sos", {"text": "help"})
        self.market.publish()
        report = {"conversationId": room, "sequence": 4, "reason": "rude"}
        filed = self.market.expect(201, WAYAN, "POST", "/reports", report, key="tap")
        assert self.market.expect(201, WAYAN, "POST", "/reports", report, key="tap") == filed
        self.market.expect(200, ADMIN, "GET", "/admin/reports")
        self.market.expect(200, ADMIN, "GET", f"/admin/rooms/{room}/evidence")
        path = f"/admin/reports/{filed['reportId']}"
        self.market.expect(200, ADMIN, "POST", f"{path}/claim")
        self._vanishing(booking_id)
        self.market.expect(200, ADMIN, "POST", f"{path}/resolve", {"action": "hide", "note": "rude"})

    def sockets_vanish(self) -> None:
        """Whoever pushes to a socket that is gone forgets it, and that it shows a room."""
        booking_id = self.book()
        room = {"conversationId": room_of(booking_id)}
        self._vanishing(booking_id)
        self.market.expect(200, BUDI, "POST", f"/rooms/{room_of(booking_id)}/read", {"sequence": 3})
        self._vanishing(booking_id)
        self.market.send(BUDI, booking_id, "on my way", "m-vanished")
        self._vanishing(booking_id)
        self.market.connect(BUDI, "socket-t-budi")
        self.market.frame(BUDI, "socket-t-budi", {"action": "typing", **room})
        self.market.publish()
        self._vanishing(booking_id)
        self._vanishing(booking_id, ADMIN)
        self._step(BUDI, booking_id, "accept")
        self.market.publish()

    def _vanishing(self, booking_id: str, caller: Caller = WAYAN) -> None:
        """Let somebody open the room over a socket that is gone a minute later."""
        connection_id = f"socket-vanishing-{caller.user_id}"
        self.market.connect(caller, connection_id)
        opened = {"action": "openRoom", "conversationId": room_of(booking_id)}
        assert self.market.frame(caller, connection_id, opened)["type"] == "ack"
        self.market.wait(minutes=1)
        self.market.gateway.open.discard(connection_id)

    # Files ----------------------------------------------------------------------------------------------

    def files_are_shared(self) -> None:
        """A picture is cited while it waits and fetched when it is drawn anew; another is nobody's."""
        picture = io.BytesIO()
        Image.new("RGB", (8, 8)).save(picture, "PNG")
        booking_id = self.book()
        room = f"/rooms/{room_of(booking_id)}"
        asked = {"fileName": "gate.png", "contentType": "image/png", "size": len(picture.getvalue())}
        upload = self.market.expect(201, WAYAN, "POST", f"{room}/attachments", asked, key="gate")
        self._uploaded(upload, picture.getvalue())
        said = {
            "clientMessageId": "m-picture",
            "message": "the gate",
            "messageType": "image",
            "attachmentId": upload["attachmentId"],
        }
        self.market.expect(201, WAYAN, "POST", f"{room}/messages", said)
        self._process(upload)
        self._process({"upload": {"fields": {"key": "incoming/nobody-s"}}})
        self.market.expect(302, WAYAN, "GET", f"/attachments/{upload['attachmentId']}")

    def _uploaded(self, upload: Json, content: bytes) -> None:
        self.market.bucket.files[upload["upload"]["fields"]["key"]] = content

    def _process(self, upload: Json) -> None:
        for version in ("v1", None):
            stored = {"key": upload["upload"]["fields"]["key"]} | ({"versionId": version} if version else {})
            self.market.invoke("process_upload", {"Records": [{"s3": {"object": stored}}]})

    # Therapists -----------------------------------------------------------------------------------------

    def therapists_look_after_themselves(self) -> None:
        """A therapist goes offline and comes back, and gives bank details that a later acceptance tells."""
        self.market.connect(AYU, "socket-t-ayu")
        just_now = Caller(user_id=AYU.user_id, role=AYU.role, signed_in_at=int(self.market.now.timestamp()))
        bank = {"bankName": "BCA", "accountNumber": "1234567890", "accountHolder": "Ayu"}
        for change in ({"status": "offline"}, {"status": "online"}, {"bankDetails": bank}, {"language": "en"}):
            self.market.expect(200, just_now, "PATCH", "/me", change)
        self._step(AYU, self.book(therapist=AYU), "accept")

    def admins_run_the_catalogue(self) -> None:
        """A therapist is added, changed, invited twice, suspended with an offer that stands, and reinstated."""
        added = {**BODIES["NewTherapist"], "therapistId": "t-dewi", "visitsPerDay": 3}
        self.market.expect(201, ADMIN, "POST", "/admin/therapists", added)
        hotel = {**BODIES["NewHotel"], "hotelVillaId": "h-new"}
        self.market.expect(201, ADMIN, "POST", "/admin/hotels", hotel)
        self.market.expect(200, ADMIN, "PATCH", "/admin/hotels/h-new", {"active": False})
        self.market.expect(201, ADMIN, "POST", "/admin/discount-codes", BODIES["NewDiscountCode"])
        self.market.expect(200, ADMIN, "PATCH", "/admin/discount-codes/nyepi", {"active": False})
        self._show_a_photo()
        for decision, body in (("approve", None), ("reject", {"reason": "it cannot be read"})):
            self._judge_paper(decision, body)
        of_dewi = "/admin/therapists/t-dewi"
        self.market.expect(200, ADMIN, "PATCH", of_dewi, {"openingHours": every_day("09:00", "21:00")})
        for _ in range(2):
            self.market.expect(200, ADMIN, "POST", f"{of_dewi}/invite", {"email": "dewi@example.com"})
        dewi = Caller(user_id="t-dewi", role=AYU.role)
        self._step(ADMIN, self.book(), "reassign", therapistId=dewi.user_id)
        self._step(dewi, self.book(therapist=dewi), "accept")
        self.book(therapist=dewi, discountCode="SEKALI")
        self.market.expect(200, ADMIN, "POST", f"{of_dewi}/suspend", {"reason": "two complaints"})
        self.market.expect(200, ADMIN, "POST", f"{of_dewi}/reinstate")
        self.market.publish()

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

    # Money ----------------------------------------------------------------------------------------------

    def money_is_settled_and_audited(self) -> None:
        """Proofs are handed in, approved and rejected; audits find what was taken away and mend it."""
        owed = [self.book() for _ in range(4)]
        for booking_id in owed:
            self._step(BUDI, booking_id, "accept")
            self.market.publish()
        for booking_id, is_processed_first in zip(owed, (True, False), strict=False):
            asked = {"fileName": "transfer.pdf", "contentType": "application/pdf", "size": len(PDF)}
            upload = self.market.expect(201, BUDI, "POST", f"/commissions/{booking_id}/proof", asked, key=booking_id)
            self._uploaded(upload, PDF)
            if is_processed_first:
                self._process(upload)
            self.market.expect(200, BUDI, "POST", f"/commissions/{booking_id}/proof/submit")
            self._process(upload)
            self.market.expect(302, ADMIN, "GET", f"/attachments/{upload['attachmentId']}")
        self.market.expect(200, ADMIN, "POST", f"/admin/commissions/{owed[0]}/approve")
        self.market.expect(200, ADMIN, "POST", f"/admin/commissions/{owed[1]}/reject", {"reason": "the amount differs"})
        waiver = {"reason": "goodwill", "confirm": True}
        self.market.expect(200, ADMIN, "POST", f"/admin/commissions/{owed[2]}/waive", waiver)
        self.market.wait(minutes=5)
        self.market.invoke("commission_audit", {})
        for full in (False, True):
            self.market.expect(201, ADMIN, "POST", "/admin/audits", {"full": full}, key=f"audit-{full}")

    def the_books_are_kept(self) -> None:
        """Decisions are taken back and disputed, money comes in, is too much and is used; papers and proofs follow."""
        reason = {"reason": "it is so"}
        owed = [self.book() for _ in range(4)]
        for booking_id in owed[:3]:
            self._step(BUDI, booking_id, "accept")
        judged = f"/admin/commissions/{owed[0]}"
        self.market.expect(200, ADMIN, "POST", f"{judged}/waive", {**reason, "confirm": True})
        self.market.expect(200, ADMIN, "POST", f"{judged}/revoke", {**reason, "confirm": True})
        self.market.expect(200, BUDI, "POST", f"/commissions/{owed[0]}/dispute", reason)
        self.market.expect(200, ADMIN, "POST", f"{judged}/dispute/resolve", {**reason, "outcome": "dropped"})
        self.market.expect(503, BUDI, "POST", f"/commissions/{owed[1]}/payments", key="pay-1")  # nobody answers
        asked = next(row for row in self.market.rows("payments") if row["bookingId"] == owed[1])
        self.market.plant("payments", {**asked, "status": "pending", "qrString": "000201"})
        for received, amount in (("in-1", asked["amount"]), ("in-1", asked["amount"]), ("in-2", 1_000)):
            self._told_by_the_provider(str(asked["paymentId"]), received, int(amount))
        self.market.expect(200, BUDI, "GET", f"/payments/{asked['paymentId']}")
        self.market.expect(200, BUDI, "POST", f"/commissions/{owed[1]}/dispute", reason)
        lowered = {**reason, "outcome": "reduced", "amount": 1}
        self.market.expect(200, ADMIN, "POST", f"/admin/commissions/{owed[1]}/dispute/resolve", lowered)
        self._step(BUDI, owed[3], "accept")
        self.market.expect(200, ADMIN, "GET", "/admin/ledger", query={"therapistId": BUDI.user_id})
        self.market.expect(200, BUDI, "POST", f"/bookings/{owed[1]}/cancel", reason)
        done = next(row for row in self.market.rows("bookings") if row["status"] == "completed")
        host = replace(BUDI, user_id=str(done["therapistId"]))
        for _ in range(2):
            self.market.expect(200, host, "GET", f"/bookings/{done['bookingId']}/receipt")
        month = format_utc(self.market.now)[:7]
        self.market.wait(days=40)
        self.market.invoke("issue_papers", {"month": month})
        for invoice in self.market.expect(200, BUDI, "GET", "/me/invoices")["items"]:
            self.market.expect(200, BUDI, "GET", f"/me/invoices/{invoice['number']}")
        for _ in range(2):
            self.market.invoke("prove_books", {})
        self.market.wait(days=-40)

    def _told_by_the_provider(self, payment_id: str, received: str, amount: int) -> None:
        paid = {"id": received, "reference_id": payment_id, "amount": amount, "status": "SUCCEEDED"}
        event = rest_event(
            "POST",
            "/payment-events/{provider}",
            by=None,
            path={"provider": "xendit"},
            body={"event": "qr.payment", "data": paid},
            headers={"x-callback-token": PROVIDER_TOKEN},
        )
        self.market.wait(seconds=1)
        assert self.market.invoke("take_payments", event)["statusCode"] == 200

    # Reading --------------------------------------------------------------------------------------------

    def everybody_reads_everything(self) -> None:
        """Every list is walked in pages of one, and every single thing is looked at."""
        booking_id = self.book()
        self._step(BUDI, booking_id, "accept")
        known = defaultdict(
            lambda: "unknown",
            {
                "bookingId": booking_id,
                "conversationId": room_of(booking_id),
                "therapistId": AYU.user_id,
                "entityId": booking_id,
                "attachmentId": "f-unknown",
                "webhookId": self.webhook_id,
            },
        )
        today = self.market.now.date().isoformat()
        usual = {
            "/therapists/{therapistId}/slots": {"date": today, "duration": "60"},
            "/me/statement": {"month": today[:7]},
        }
        self.market.publish()
        for route in all_routes():
            for caller in (None, WAYAN, BUDI, ADMIN):
                may = route.roles is None if caller is None else route.roles is not None and caller.role in route.roles
                if route.method == "GET" and may:
                    paged = {"limit": "1"} if route.query and "limit" in route.query.model_fields else {}
                    path = route.path.format_map(known)
                    answer = self.market.call(caller, "GET", path, query={**usual.get(route.path, {}), **paged})
                    assert answer.status in {200, 404, 409}, answer  # a receipt waits for the end of its visit
                    assert answer.status in {200, 404, 409}, (route.path, caller, answer)
        for query in ({"status": "confirmed"}, {"therapistId": BUDI.user_id}, {"from": today, "to": today}):
            self.market.expect(200, ADMIN, "GET", "/admin/bookings", query=query)
        self.market.expect(200, ADMIN, "GET", "/bookings", query={"status": "confirmed"})
        self.market.expect(200, ADMIN, "GET", "/admin/history/t-citra")

    def the_owner_runs_the_house(self) -> None:
        """Somebody is taken on, invited, invited again, let go and taken back; the rules change."""
        asked = {"userId": "a-made", "name": "Made", "email": "made@example.com", "duties": ["owner"]}
        self.market.expect(201, ADMIN, "POST", "/admin/staff", asked)
        self._provision("a-made")
        for change in ({"duties": ["support"]}, {"active": False}):
            if change == {"active": False}:
                other = {**asked, "userId": "a-komang"}
                self.market.expect(201, ADMIN, "POST", "/admin/staff", other)
            answer = self.market.call(ADMIN, "PATCH", "/admin/staff/a-made", change)
            assert answer.status in {200, 409}, answer
            self._provision("a-made", was_enabled=True)
        self.market.expect(200, ADMIN, "PATCH", "/admin/staff/a-made", {"active": True})
        self._provision("a-made", was_enabled=False)
        for status in ("FORCE_CHANGE_PASSWORD", "CONFIRMED"):
            self.market.people.users["a-made"]["UserStatus"] = status
            found = bootstrap.sign_ins().find("a-made")
            assert found is not None
            again = found.invited_again(email="made@example.com", now=self.market.now)
            bootstrap.store().transact([SignIns.saving(again, read_version=found.version)])
            self._provision("a-made")
            self.market.wait(minutes=1)
        changed = {"commissionDueDays": 9, "missedOffersUntilOffline": 1, "reason": "A calmer start"}
        self.market.expect(201, ADMIN, "POST", "/admin/policies", changed)
        self.market.expect(200, ADMIN, "POST", "/admin/policies/replay", BODIES["PolicyReplay"])
        booking_id = self.book()
        self._step(BUDI, booking_id, "accept")
        completed, wandering = self.book(), self.book()
        self._step(BUDI, completed, "accept")
        self.market.expect(200, ADMIN, "POST", f"/bookings/{completed}/cancel", {"reason": "rain"})
        reassigned = {"therapistId": AYU.user_id}
        self.market.expect(200, ADMIN, "POST", f"/admin/bookings/{wandering}/reassign", reassigned)
        self.market.wait(minutes=20)
        self.market.sweep()

    def _provision(self, user_id: str, *, was_enabled: bool | None = None) -> None:
        old = {} if was_enabled is None else {"OldImage": {"enabled": {"BOOL": was_enabled}}}
        record = {"dynamodb": {"Keys": {"userId": {"S": user_id}}, "SequenceNumber": "1", **old}}
        assert self.market.invoke("provision_sign_ins", {"Records": [record]}) == {"batchItemFailures": []}

    def people_are_reached(self) -> None:
        """Numbers are verified, browsers subscribe, people choose; everything due is tried, and a webhook is away."""
        number = "+6281299990001"
        self.market.expect(201, None, "POST", "/guest-sessions/codes", {"whatsApp": number})
        code = self.market.row("claims", claimKey=f"number#{number}", claimId="code")
        digits = code_of(number, str(code["nonce"]), bootstrap.sealing_key())
        for _ in range(2):  # by WhatsApp, which is off, and then by SMS
            self._try_deliveries()
        verified = {"whatsApp": number, "code": digits}
        self.market.expect(200, None, "POST", "/guest-sessions/verify", verified)
        keys = BODIES["NewPushSubscription"]["keys"]
        browsers = [{"endpoint": f"http://127.0.0.1:9/{turn}", "keys": keys} for turn in range(11)]
        added = [self.market.expect(201, BUDI, "POST", "/me/push-subscriptions", browser) for browser in browsers]
        path = f"/me/push-subscriptions/{added[-1]['subscriptionId']}"
        self.market.expect(200, BUDI, "DELETE", path)
        self.market.expect(200, BUDI, "PATCH", "/me/preferences", {"showsRead": False})
        hook = {"url": "http://127.0.0.1:9/", "events": ["booking.created", "booking.confirmed"]}
        self.webhook_id = self.market.expect(201, ADMIN, "POST", "/admin/webhooks", hook)["webhookId"]
        gone = self.market.expect(201, ADMIN, "POST", "/admin/webhooks", hook)["webhookId"]
        told = self.market.expect(200, ADMIN, "POST", f"/admin/webhooks/{self.webhook_id}/test")
        self.market.expect(200, ADMIN, "PATCH", f"/admin/webhooks/{self.webhook_id}", {"active": True})
        self.market.expect(200, ADMIN, "DELETE", f"/admin/webhooks/{gone}")
        booking_id = self.book()
        self._step(BUDI, booking_id, "accept")
        self.market.send(WAYAN, booking_id, "On your way?", "m-reach")
        self.market.publish()
        self._try_deliveries()
        found = bootstrap.webhooks().find(self.webhook_id)
        assert found is not None
        long_ago = replace(found, failing_since=self.market.now - SWITCHED_OFF_AFTER, retry_at=None, version=99)
        self.market.plant("webhooks", to_record(long_ago))
        self._try_deliveries()
        replay = f"/admin/webhooks/{self.webhook_id}/deliveries/{told['deliveryId']}/replay"
        self.market.expect(200, ADMIN, "POST", replay)
        self.market.expect(201, WAYAN, "POST", "/me/push-subscriptions", browsers[0])
        self.market.expect(200, ADMIN, "GET", "/admin/deliveries", query={"bookingId": booking_id})
        self.market.expect(200, ADMIN, "POST", f"/bookings/{booking_id}/cancel", {"reason": "rain"})

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

    def admins_try_the_system(self) -> None:
        """Health is asked for, and a test booking of every kind is played and cleared up."""
        self.market.wait(minutes=2)
        self.market.expect(200, ADMIN, "GET", "/admin/health")
        for kind in ("immediate", "scheduled", "chat", "chat"):
            if kind == "chat":
                self.market.faults.at(3, self._an_admin_looks_in_and_leaves)
            self.market.expect(201, ADMIN, "POST", "/admin/test-bookings", {"kind": kind}, key=kind)
        self.market.publish()
        self.market.wait(minutes=8)
        self.market.invoke("run_test_booking", {})
        line = {"level": "ERROR", "message": "told to", "category": "chat"}
        delivery = {
            "messageType": "DATA_MESSAGE",
            "logGroup": "/aws/lambda/marketplace-create-booking",
            "logStream": "stream",
            "logEvents": [
                {"id": f"{n:056d}", "timestamp": int(self.market.now.timestamp() * 1000), "message": json.dumps(line)}
                for n in range(2)
            ],
        }
        packed = base64.b64encode(gzip.compress(json.dumps(delivery).encode())).decode()
        assert self.market.invoke("record_errors", {"awslogs": {"data": packed}})["recorded"]

    def _an_admin_looks_in_and_leaves(self) -> None:
        """Let an admin open the room of the test booking that is being played, over a socket that is gone at once."""
        played = next(row for row in self.market.rows("bookings") if row["isTest"] and row["status"] == "pending")
        self.market.connect(ADMIN, "socket-curious")
        opened = {"action": "openRoom", "conversationId": played["chatRoomId"]}
        self.market.frame(ADMIN, "socket-curious", opened)
        self.market.gateway.open.discard("socket-curious")

    def rows_go_missing(self) -> None:
        """Rows vanish behind everybody's back: health and audit see it, tell the admins, and it is mended."""
        booking_id = self.book()
        self._step(BUDI, booking_id, "accept")
        self.market.publish()
        self._lose("commission_records", bookingId=booking_id)
        self._lose("chat_messages", conversationId=room_of(booking_id), sequence=1)
        for row in self.market.rows("history"):
            if row["entityId"] == booking_id:
                self._lose("history", entityId=row["entityId"], entryId=row["entryId"])
        self.market.connect(ADMIN, "socket-watching")
        self.market.wait(minutes=1)
        assert self.market.expect(200, ADMIN, "GET", "/admin/health")["status"] == "red"
        self._vanishing(booking_id, ADMIN)
        assert self.market.expect(201, ADMIN, "POST", "/admin/audits", {"full": False})["missing"] == [booking_id]
        self.market.expect(200, ADMIN, "GET", "/admin/revenue")
        self.market.expect(200, ADMIN, "POST", "/admin/audits/repair", {"bookingId": booking_id})
        held = self.book()
        for row in self.market.rows("calendar"):
            if held in row["holds"]:
                self._lose("calendar", therapistId=row["therapistId"], day=row["day"])
        self._step(BUDI, held, "accept")
        self.market.publish()
        for _ in range(9):
            self.market.invoke("commission_audit", {})
            self.market.wait(days=1)
        self.market.invoke("commission_audit", {"full": True})

    def visits_move(self) -> None:
        """Visits are moved at once and by proposals of every end, looked for anew, and completed by the clock."""
        moved = self.book()
        self.market.send(WAYAN, moved, "Later, perhaps?", "m-later")
        visit = f"/bookings/{moved}"
        for row in self.market.rows("claims"):
            if moved in (row.get("requests") or {}):
                self._lose("claims", claimKey=row["claimKey"], claimId=row["claimId"])
        times = iter(self._free(BUDI, 60)[1:])
        for _ in range(2):
            self.market.expect(200, WAYAN, "POST", f"{visit}/reschedule", {"scheduledTime": next(times)})
        self._step(BUDI, moved, "accept")
        another_day = format_utc(datetime.fromisoformat(next(times)) + timedelta(days=9))
        self.market.expect(200, ADMIN, "POST", f"{visit}/reschedule", {"scheduledTime": another_day})
        for caller, answer in ((BUDI, "decline"), (BUDI, "accept"), (WAYAN, "withdraw")):
            self.market.expect(200, WAYAN, "POST", f"{visit}/proposal", {"scheduledTime": next(times)})
            self.market.expect(200, caller, "POST", f"{visit}/proposal/{answer}")
        self.market.expect(200, WAYAN, "POST", f"{visit}/proposal", {"scheduledTime": next(times)})
        fallen = self.book()
        self._step(BUDI, fallen, "decline")
        others = self.market.expect(200, WAYAN, "GET", f"/bookings/{fallen}/alternatives")["items"]
        chosen = {"therapistId": others[0]["therapistId"], "price": others[0]["price"]}
        self.market.expect(200, WAYAN, "POST", f"/bookings/{fallen}/redispatch", chosen)
        missed, left, put_off = self.book(), self.book(), self.book()
        self._step(BUDI, left, "accept")
        self._step(BUDI, left, "cancel", reason="ill")
        self.market.expect(200, WAYAN, "POST", f"/bookings/{left}/redispatch", chosen)
        host = replace(BUDI, user_id=str(chosen["therapistId"]))
        self._step(host, left, "accept")
        self._step(BUDI, put_off, "accept")
        the_next = format_utc(datetime.fromisoformat(another_day) + timedelta(days=1))
        self.market.expect(200, WAYAN, "POST", f"/bookings/{put_off}/proposal", {"scheduledTime": the_next})
        self._step(WAYAN, put_off, "cancel")
        self.market.wait(days=1)
        self.market.sweep()
        assert self.market.row("bookings", bookingId=missed)["status"] == "expired"
        self.market.invoke("sweep_visits", {})
        self.market.wait(days=6)
        self.market.invoke("sweep_visits", {})

    def visits_are_judged(self) -> None:
        """Visits are reviewed, therapists liked and looked for, calendars read; a policy is tried out."""
        over = [
            row["bookingId"]
            for row in self.market.rows("bookings")
            if (row["customerId"], row["therapistId"]) == (WAYAN.user_id, BUDI.user_id)
            and (row.get("completedAt") or "") > format_utc(self.market.now - timedelta(days=12))
        ]
        for booking_id, callers in zip(over, ((WAYAN, BUDI), (WAYAN, BUDI), (WAYAN,)), strict=False):
            for caller in callers:
                self.market.expect(201, caller, "POST", f"/bookings/{booking_id}/review", BODIES["NewReview"])
        self.market.expect(200, BUDI, "POST", f"/me/reviews/{over[0]}/reply", BODIES["NewReply"])
        self.market.expect(200, None, "GET", f"/therapists/{BUDI.user_id}/reviews", query={"limit": "1"})
        self.market.wait(days=8)
        self.market.invoke("sweep_visits", {})
        self.market.expect(200, WAYAN, "PUT", f"/me/favourites/{BUDI.user_id}")
        self.market.expect(200, WAYAN, "GET", "/me/favourites")
        self.market.expect(200, WAYAN, "DELETE", f"/me/favourites/{BUDI.user_id}")
        self.market.call(WAYAN, "GET", f"/bookings/{over[0]}/calendar.ics")
        self.market.expect(200, BUDI, "POST", "/me/calendar-feed/rotate")
        address = self.market.expect(200, BUDI, "GET", "/me/calendar-feed")["url"]
        self.market.call(None, "GET", f"/calendar-feeds/{address.rsplit('/', 1)[1]}")
        self.market.expect(200, None, "GET", "/therapists", query={"q": "budi"})
        self.market.expect(201, ADMIN, "POST", "/admin/policies", {"commissionDueDays": 8, "reason": "As it was"})
        self.market.wait(hours=2)
        self.market.expect(200, ADMIN, "POST", "/admin/policies/replay", {**BODIES["PolicyReplay"], "days": 30})

    def somebody_is_suspended(self) -> None:
        """A report leads to the suspension of a therapist with an offer that stands."""
        self.market.expect(200, ADMIN, "PATCH", "/admin/discount-codes/SEKALI", {"maxUses": 2})
        booking_id = self.book(MADE, discountCode="SEKALI")
        room = room_of(booking_id)
        self.market.send(BUDI, booking_id, "a rude word", "m-2")
        self._vanishing(booking_id, MADE)
        self.market.expect(200, BUDI, "POST", f"/rooms/{room}/block")
        self.market.expect(200, BUDI, "DELETE", f"/rooms/{room}/block")
        report = {"conversationId": room, "sequence": 4, "reason": "rude"}
        filed = self.market.expect(201, MADE, "POST", "/reports", report, key="tap-2")
        path = f"/admin/reports/{filed['reportId']}"
        self.market.expect(200, ADMIN, "POST", f"{path}/claim")
        self.market.expect(200, ADMIN, "POST", f"{path}/resolve", {"action": "suspend", "note": "rude"})
        self.market.expect(200, ADMIN, "POST", f"/admin/therapists/{BUDI.user_id}/reinstate")

    def _lose(self, table: str, **key: str | int) -> None:
        prefix = settings.settings().table_prefix
        self.market.raw.delete_item(TableName=prefix + table, Key=to_item(key))

    def customers_are_forgotten(self) -> None:
        """A customer whose visits are all over takes their data along and is forgotten, with a file they sent."""
        cursor: str | None = None
        while True:
            query = {"cursor": cursor} if cursor else {}
            cursor = self.market.expect(200, WAYAN, "GET", "/privacy/export", query=query)["nextCursor"]
            if cursor is None:
                break
        self.market.sweep()
        for booking in self.market.rows("bookings"):
            if booking["customerId"] == WAYAN.user_id and booking["status"] in {"pending", "confirmed"}:
                for by in (WAYAN, ADMIN):  # the latter where the visit has begun
                    self.market.command(by, booking["bookingId"], "cancel", {"reason": "we leave today"})
        self.market.publish()
        self.market.expect(200, WAYAN, "POST", "/privacy/erase", {"confirm": True})
