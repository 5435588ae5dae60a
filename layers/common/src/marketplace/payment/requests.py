"""The bodies that providers and admins send, and the query strings of payments."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, final

from pydantic import ConfigDict

from marketplace.payment.model import Resolution
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import Id, Reason


@final
class ProviderEvent(RequestModel):
    """Whatever a provider tells, in its own words; it is read only once its sender is known."""

    model_config = ConfigDict(extra="allow")

    def said(self) -> dict[str, Any]:
        """Return the body as it came."""
        return dict(self.model_extra or {})


@final
class ResolvePayment(RequestModel):
    """What becomes of money that settled nothing; it is applied to its own commission, or to the one that is named."""

    action: Annotated[Resolution, Lax]
    booking_id: Omissible[Id] = None
    reason: Reason

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Take a booking where something is applied to its commission, and only there."""
        if self.action is not Resolution.APPLY and self.booking_id is not None:
            yield "bookingId", "Only what is applied goes to a booking."


@final
class PaymentsQuery(PageQuery):
    """Payments by QRIS; without a status all of them, what waits for a person first."""

    status: Omissible[Literal["unmatched", "pending", "paid", "resolved"]] = None
