"""The bodies with which admins add discount codes and change them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final, final

from pydantic import Field

from marketplace.catalogue.discount.model import DiscountCode, DiscountKind, FundedBy, normalised_code
from marketplace.catalogue.requests import HIGHEST_PRICE
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import Instant, Text
from marketplace.platform.money import BASIS_POINTS

TOO_LARGE: Final = "A share is at most 10,000 basis points."
BACKWARDS: Final = "The code must end after it begins."
NewCode = Annotated[
    str, Text(2, 64, pattern="[0-9A-Za-z][0-9A-Za-z_-]*", complaint="This must be letters, digits, hyphens and _.")
]
Value = Annotated[int, Field(ge=1, le=HIGHEST_PRICE)]
Uses = Annotated[int, Field(ge=1, le=1_000_000)]


@final
class NewDiscountCode(RequestModel):
    """A code that takes a share of the price in basis points, or an amount in rupiah, off."""

    discount_code: NewCode
    kind: Annotated[DiscountKind, Lax]
    value: Value
    max_uses: Omissible[Uses] = None
    max_uses_per_customer: Omissible[Uses] = None
    valid_from: Omissible[Instant] = None
    valid_until: Omissible[Instant] = None
    funded_by: Annotated[FundedBy, Lax] = FundedBy.THERAPIST

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a share that is one, and a time that does not run backwards."""
        if self.kind is DiscountKind.SHARE and self.value > BASIS_POINTS:
            yield "value", TOO_LARGE
        if ends_before_it_begins(self.valid_from, self.valid_until):
            yield "validUntil", BACKWARDS

    def as_domain(self) -> DiscountCode:
        """Return the code in the domain's words."""
        return DiscountCode(
            discount_code=normalised_code(self.discount_code),
            kind=self.kind,
            value=self.value,
            max_uses=self.max_uses,
            max_uses_per_customer=self.max_uses_per_customer,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            funded_by=self.funded_by,
        )


@final
class DiscountCodeChange(RequestModel):
    """The parts of a code that change; null takes a bound away. Kind and value are fixed once it is used."""

    kind: Omissible[Annotated[DiscountKind, Lax]] = None
    value: Omissible[Value] = None
    max_uses: Uses | None = None
    max_uses_per_customer: Uses | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    funded_by: Omissible[Annotated[FundedBy, Lax]] = None
    active: Omissible[bool] = None
    """A retired code can be used by no new booking."""

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a change."""
        if not self.model_fields_set:
            yield "", "Give at least one field to change."

    def given(self) -> dict[str, Any]:
        """Return the parts that were given, by the domain's names."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def ends_before_it_begins(valid_from: datetime | None, valid_until: datetime | None) -> bool:
    """Say whether a time that is bounded on both sides runs backwards."""
    return valid_from is not None and valid_until is not None and valid_until <= valid_from
