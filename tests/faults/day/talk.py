"""The day's people: they come in, talk, share files, and are reached where they are not looking."""

import io
from copy import replace

from PIL import Image

from contracts.examples import BODIES
from marketplace import bootstrap
from marketplace.identity.connections import MOST_OPEN
from marketplace.identity.verification import code_of
from marketplace.notification.webhooks.model import SWITCHED_OFF_AFTER
from marketplace.platform.dynamodb.records import to_record
from tests.faults.day.beginning import EVERYBODY, TOKEN_METHOD, Day
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, room_of


class Talk(Day):
    """The day's people: they come in, talk, share files, and are reached where they are not looking."""

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
        self.market.expect(200, WAYAN, "POST", f"/rooms/{room}/translation", {"enabled": True})
        self.market.send(BUDI, booking_id, "a rude word", "m-1")
        self.market.expect(200, WAYAN, "POST", f"/rooms/{room}/read", {"sequence": 4})
        edited = {"message": "halo, kirim ke 0812 3456 7890"}
        self.market.expect(200, BUDI, "PATCH", f"/rooms/{room}/messages/4", edited)
        self._vanishing(booking_id)
        self.market.translate(booking_id, 4)
        self.market.expect(200, ADMIN, "GET", "/admin/masked-messages")
        self.market.expect(200, WAYAN, "POST", f"/rooms/{room}/block")
        self.market.expect(200, WAYAN, "DELETE", f"/rooms/{room}/block")
        self._step(BUDI, booking_id, "accept")
        self.market.publish()
        self.market.expect(200, WAYAN, "POST", f"/bookings/{booking_id}/sos", {"text": "help"})
        shared = self.market.expect(201, WAYAN, "POST", f"/bookings/{booking_id}/share")
        self.market.expect(200, None, "GET", f"/shared-visits/{shared['token']}")
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
