"""The day's bookings: made, ended in every way, moved, judged and forgotten."""

from copy import replace
from datetime import datetime, timedelta

from contracts.examples import BODIES
from marketplace.platform.clock import format_utc
from tests.faults.day.beginning import Day
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN


class Visits(Day):
    """The day's bookings: made, ended in every way, moved, judged and forgotten."""

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
        self._somebody_else_is_found()

    def _somebody_else_is_found(self) -> None:
        """Let the marketplace offer by itself what a therapist declines, on a day of theirs that is still empty."""
        rules = {"redispatch": "auto", "reason": "nobody waits"}
        self.market.expect(201, ADMIN, "POST", "/admin/policies", rules)
        self.market.wait(minutes=2)
        for is_lost in (False, True):
            fallen = self.book()
            self._step(BUDI, fallen, "decline")
            self.market.publish()
            if is_lost:
                number = self.market.row("bookings", bookingId=fallen)["customerWhatsApp"]
                self._lose("claims", claimKey=f"customer#{number}", claimId="open")
            self.market.invoke("sweep_visits", {})
            assert self.market.row("bookings", bookingId=fallen)["therapistId"] != BUDI.user_id
        self.market.expect(201, ADMIN, "POST", "/admin/policies", {"redispatch": "ask", "reason": "customers choose"})
        self.market.wait(minutes=2)

    def places_are_forgotten(self) -> None:
        """A month later nothing says where visits were, and what nobody paid is overdue."""
        self.market.publish()
        self.market.wait(days=31)
        self.market.sweep()
        self.market.invoke("sweep_visits", {})
        self.market.expect(201, ADMIN, "POST", "/admin/audits", {})
        self.market.publish()

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
                named = {**BODIES["NewReview"], "text": "Wayan Sudarma thanks"}  # which erasing takes out again
                self.market.expect(201, caller, "POST", f"/bookings/{booking_id}/review", named)
        self.market.expect(200, BUDI, "POST", f"/me/reviews/{over[0]}/reply", BODIES["NewReply"])
        self.market.expect(200, None, "GET", f"/therapists/{BUDI.user_id}/reviews", query={"limit": "1"})
        self.market.wait(days=8)
        self.market.invoke("sweep_visits", {})
        self.market.expect(200, WAYAN, "PUT", f"/me/favourites/{BUDI.user_id}")
        self.market.expect(200, WAYAN, "GET", "/me/favourites")
        self.market.expect(200, WAYAN, "DELETE", f"/me/favourites/{BUDI.user_id}")
        self.market.expect(200, WAYAN, "PUT", f"/me/favourites/{BUDI.user_id}")
        self.market.call(WAYAN, "GET", f"/bookings/{over[0]}/calendar.ics")
        self.market.expect(200, BUDI, "POST", "/me/calendar-feed/rotate")
        address = self.market.expect(200, BUDI, "GET", "/me/calendar-feed")["url"]
        self.market.call(None, "GET", f"/calendar-feeds/{address.rsplit('/', 1)[1]}")
        self.market.expect(200, None, "GET", "/therapists", query={"q": "budi"})
        self.market.expect(201, ADMIN, "POST", "/admin/policies", {"commissionDueDays": 8, "reason": "As it was"})
        self.market.wait(hours=2)
        self.market.expect(200, ADMIN, "POST", "/admin/policies/replay", {**BODIES["PolicyReplay"], "days": 30})

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
