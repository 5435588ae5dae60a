"""Where the marketplace is: the time zone of its days."""

from typing import Final
from zoneinfo import ZoneInfo

MARKET_ZONE_NAME: Final = "Asia/Jakarta"
MARKET_ZONE: Final = ZoneInfo(MARKET_ZONE_NAME)
"""The zone in which dates are meant, admins' too (contract, section 6)."""
