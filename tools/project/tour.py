"""Make the moving picture of the README out of the pictures of the main pages: ``make screenshots``."""

import sys
from pathlib import Path
from typing import Final

from PIL import Image

from tools.command_line import OneLineParser

ROOT: Final = Path(__file__).resolve().parents[2]
PICTURES: Final = ROOT / "docs/screenshots"
TOUR: Final = (
    "customer-find",
    "customer-choose",
    "customer-details",
    "therapist-request-phone",
    "customer-chat",
    "therapist-calendar-dark",
    "therapist-money-dark",
    "admin-bookings",
    "admin-health",
    "admin-revenue",
)
"""One booking from the search to the books, as customer, therapist and admin see it."""
SIZE: Final = (960, 640)
MILLISECONDS: Final = 2_000


def frame(picture: Path) -> Image.Image:
    """Return a picture fitted into the frame, on a ground of its own first colour."""
    with Image.open(picture) as opened:
        drawn = opened.convert("RGB")
    drawn.thumbnail(SIZE)
    ground = Image.new("RGB", SIZE, drawn.getpixel((0, 0)))
    ground.paste(drawn, ((SIZE[0] - drawn.width) // 2, (SIZE[1] - drawn.height) // 2))
    return ground


def main(arguments: list[str] | None = None) -> int:
    """Write the picture; returns the exit status."""
    OneLineParser(description=__doc__).parse_args(arguments)
    first, *others = [frame(PICTURES / f"{name}.png") for name in TOUR]
    first.save(
        PICTURES / "tour.webp", save_all=True, append_images=others, duration=MILLISECONDS, loop=0, quality=80, method=6
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
