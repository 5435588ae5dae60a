"""Therapists for tests, as the tables hold them."""

from copy import replace
from typing import Any

from marketplace.catalogue.therapist.model import Therapist
from marketplace.catalogue.therapist.opening_hours import WEEKDAYS, DayOverride, OpeningHours, Window
from tools.local import demo_data


def a_therapist(therapist_id: str = "t-ayu", **differing: Any) -> Therapist:  # noqa: ANN401 - fields of the class
    """Return a therapist like the demo's t-ayu, but for what differs."""
    return replace(demo_data.THERAPISTS[0], therapist_id=therapist_id, **differing)


def every_day(*windows: tuple[str, str], overrides: tuple[DayOverride, ...] = ()) -> OpeningHours:
    """Return hours that are the same all week, from pairs such as ``("09:00", "21:00")``."""
    hours = tuple(Window(opens=opens, closes=closes) for opens, closes in windows)
    return OpeningHours(weekly=dict.fromkeys(WEEKDAYS, hours), overrides=overrides)
