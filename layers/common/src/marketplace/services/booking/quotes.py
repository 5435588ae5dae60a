"""Prices that are asked for before a booking."""

from datetime import datetime
from typing import final

from marketplace.booking.opening import Terms, VisitRequest, agree_terms
from marketplace.catalogue.repository import Catalogue
from marketplace.identity.allowances import Allowance, Allowances
from marketplace.platform.caller import Caller
from marketplace.platform.limits import WRONG_CODES
from marketplace.platform.refusals import DiscountUnavailable


@final
class Quotes:
    """The terms of visits that nobody has ordered yet."""

    def __init__(self, catalogue: Catalogue, allowances: Allowances, *, limit_scale: int) -> None:
        """Price by the ``catalogue``; wrong discount codes are counted among ``allowances``."""
        self._catalogue = catalogue
        self._allowances = allowances
        self._limit_scale = limit_scale

    def agree(self, wanted: VisitRequest, *, by: Caller, now: datetime) -> Terms:
        """Return what a visit costs now.

        Raises:
            NotFound: there is no such therapist.
            ValidationFailed: the menu does not offer it.
            DiscountUnavailable: the code cannot be used; the caller has one try less.
            TooManyRequests: the caller has tried too many codes, whether this one can be used or not.
        """
        tries = Allowance(limit=WRONG_CODES, who=by.user_id, scale=self._limit_scale, now=now)
        if wanted.discount_code is not None:
            self._allowances.check_left(tries)
        therapist, code = self._catalogue.therapist_with_code(wanted.therapist_id, wanted.discount_code)
        try:
            return agree_terms(wanted, therapist, code, now)
        except DiscountUnavailable:
            self._allowances.take(tries)
            raise
