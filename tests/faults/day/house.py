"""The day of those who run the market: the catalogue, the money and the system."""

import base64
import gzip
import json
from collections import defaultdict
from copy import replace

from contracts.examples import BODIES
from contracts.handlers import all_routes
from marketplace import bootstrap
from marketplace.identity.sign_ins import SignIns
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from tests.faults.day.beginning import PDF, Day, every_day
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, room_of


class House(Day):
    """The day of those who run the market: the catalogue, the money and the system."""

    def therapists_look_after_themselves(self) -> None:
        """A therapist goes offline and comes back, and gives bank details that a later acceptance tells."""
        self.market.connect(AYU, "socket-t-ayu")
        just_now = Caller(user_id=AYU.user_id, role=AYU.role, signed_in_at=int(self.market.now.timestamp()))
        bank = {"bankName": "BCA", "accountNumber": "1234567890", "accountHolder": "Ayu"}
        for change in ({"status": "offline"}, {"status": "online"}, {"bankDetails": bank}, {"language": "en"}):
            self.market.expect(200, just_now, "PATCH", "/me", change)
        self._step(AYU, self.book(therapist=AYU), "accept")
        at_once = {"enabled": True, "noticeMinutes": 60, "maxPerDay": 96}
        self.market.expect(200, AYU, "PATCH", "/me", {"instantConfirm": at_once})
        self.book(therapist=AYU)
        self.market.expect(200, AYU, "PATCH", "/me", {"instantConfirm": {**at_once, "enabled": False}})

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
        self.market.invoke("prove_books", {})
        owed = [self.book() for _ in range(4)]
        for booking_id in owed[:3]:
            self._step(BUDI, booking_id, "accept")
        judged = f"/admin/commissions/{owed[0]}"
        self.market.expect(200, ADMIN, "POST", f"{judged}/waive", {**reason, "confirm": True})
        self.market.expect(200, ADMIN, "POST", f"{judged}/revoke", {**reason, "confirm": True})
        self.market.expect(200, BUDI, "POST", f"/commissions/{owed[0]}/dispute", reason)
        self.market.expect(200, ADMIN, "POST", f"{judged}/dispute/resolve", {**reason, "outcome": "dropped"})
        self.market.provider.is_up = False
        self.market.expect(503, BUDI, "POST", f"/commissions/{owed[1]}/payments", key="pay-1")
        self.market.provider.is_up = True
        asked = self.market.expect(201, BUDI, "POST", f"/commissions/{owed[1]}/payments", key="pay-1")
        self.market.wait(minutes=4)
        self.market.invoke("take_payments", {})
        for received, amount in (("in-1", asked["amount"]), ("in-1", asked["amount"]), ("in-2", 1_000)):
            self._told_by_the_provider(str(asked["paymentId"]), received, int(amount))
        self.market.expect(200, BUDI, "GET", f"/payments/{asked['paymentId']}")
        path = f"/admin/payments/{asked['paymentId']}/resolve"
        self.market.expect(200, ADMIN, "POST", path, {**reason, "action": "apply", "bookingId": owed[2]})
        self._told_by_the_provider(str(asked["paymentId"]), "in-3", 1_000)
        self.market.expect(200, ADMIN, "POST", path, {**reason, "action": "refund"})
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
            "/admin/exports": {"month": today[:7]},
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
        self.market.expect(200, ADMIN, "GET", "/admin/exports", query={"month": format_utc(self.market.now)[:7]})
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
