"""One day on which every function does everything that it ever does, down to its repairs and its second looks."""

from typing import Any

from tests.faults.day.house import House
from tests.faults.day.talk import Talk
from tests.faults.day.visits import Visits
from tests.faults.market import Market


class ColdMarket(Market):
    """A market each of whose invocations is the first of a fresh execution environment."""

    def invoke(self, function: str, event: Any) -> dict[str, Any]:
        """Invoke a function that remembers nothing."""
        self.forget_caches()
        return super().invoke(function, event)


class BusyDay(Visits, Talk, House):
    """Everybody comes and does everything once."""

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
        self.places_are_forgotten()
