"""The bodies of the steps that admins take with a commission."""

from typing import final

from marketplace.platform.api.request_model import RequestModel
from marketplace.platform.api.text import Reason


@final
class RejectCommission(RequestModel):
    """Why a proof of payment does not hold."""

    reason: Reason


@final
class WaiveCommission(RequestModel):
    """Why a debt is let go; without ``confirm`` nothing happens but the question whether it is meant."""

    reason: Reason
    confirm: bool = False
