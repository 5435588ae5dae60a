"""Pictures for the demo city, drawn by numbers: a portrait for each therapist, a house among hills for each place."""

import io
import random
from typing import Final, final

from PIL import Image, ImageDraw

SIDE: Final = 512
_DRAWN: Final = 2 * SIDE
"""Drawn twice as large and made smaller, so that edges are smooth."""
_SKIN: Final = ("#8d5a3b", "#a86d47", "#bd8257", "#c99468", "#9c6544")
_HAIR: Final = ("#1d1512", "#2a1b15", "#38231a", "#15110f")
_SKY: Final = (("#f6d9b8", "#e8a87c"), ("#cfe6df", "#7fb7a6"), ("#dfe3f2", "#95a4cf"), ("#f4e3c1", "#d9b25f"))
_CLOTH: Final = ("#3f7d6b", "#b8503c", "#35557f", "#7b4f86", "#d08a2c", "#2f6f80")
_FLOWERS: Final = ("#fff3f0", "#ffd9e2", "#ffe9a8")

type Colour = str | tuple[int, int, int]


def portrait(name: str, *, long_hair: bool) -> bytes:
    """Return a person's portrait as JPEG; the same name is always the same person."""
    chosen = random.Random(name)  # noqa: S311 - a picture, no secret
    picture = _background(chosen)
    _Person(picture, chosen, long_hair=long_hair).draw()
    return _finished(picture)


def house(name: str) -> bytes:
    """Return a house among hills as JPEG."""
    chosen = random.Random(name)  # noqa: S311 - a picture, no secret
    picture = _background(chosen)
    pen = ImageDraw.Draw(picture)
    _circle(pen, (chosen.uniform(0.6, 0.8), 0.24), 0.1, "#fff6dc")
    for level, colour in enumerate(("#86a98d", "#64916f", "#447a58")):
        top = 0.58 + 0.1 * level
        for number in range(4):
            _circle(pen, (number / 3 + chosen.uniform(-0.08, 0.08), top + 0.32), 0.36, colour)
    cloth = chosen.choice(_CLOTH)
    pen.rectangle(_scaled(0.3, 0.56, 0.7, 0.8), fill="#f3e7d3")
    pen.rectangle(_scaled(0.45, 0.63, 0.55, 0.8), fill=cloth)
    for level in range(3):
        half, top = 0.28 - 0.08 * level, 0.56 - 0.09 * level
        corners = ((0.5 - half, top), (0.5 + half, top), (0.5 + half / 2.6, top - 0.09), (0.5 - half / 2.6, top - 0.09))
        pen.polygon([(x * _DRAWN, y * _DRAWN) for x, y in corners], fill="#6b4a33")
    pen.rectangle(_scaled(0, 0.8, 1, 1), fill="#39684a")
    for number in range(9):
        _circle(pen, (0.05 + number * 0.115, 0.86 + chosen.uniform(-0.02, 0.05)), 0.018, chosen.choice(_FLOWERS))
    return _finished(picture)


@final
class _Person:
    """Head and shoulders, from the back to the front."""

    def __init__(self, picture: Image.Image, chosen: random.Random, *, long_hair: bool) -> None:
        self._pen = ImageDraw.Draw(picture)
        self._chosen = chosen
        self._skin, self._hair = chosen.choice(_SKIN), chosen.choice(_HAIR)
        self._has_long_hair = long_hair

    def draw(self) -> None:
        pen, cloth = self._pen, self._chosen.choice(_CLOTH)
        if self._has_long_hair:
            pen.ellipse(_scaled(0.27, 0.16, 0.73, 0.78), fill=self._hair)
        pen.ellipse(_scaled(0.1, 0.7, 0.9, 1.4), fill=cloth)
        pen.rounded_rectangle(_scaled(0.43, 0.56, 0.57, 0.78), _DRAWN // 20, fill=_darker(self._skin))
        pen.polygon([(x * _DRAWN, y * _DRAWN) for x, y in ((0.4, 0.72), (0.6, 0.72), (0.5, 0.86))], fill=self._skin)
        for ear in (0.33, 0.67):
            _circle(pen, (ear, 0.45), 0.045, self._skin)
        pen.ellipse(_scaled(0.33, 0.2, 0.67, 0.66), fill=self._skin)
        pen.chord(_scaled(0.3, 0.14, 0.7, 0.56), 180, 360, fill=self._hair)
        pen.ellipse(_scaled(0.36, 0.28, 0.64, 0.46), fill=self._skin)
        self._draw_face()
        if self._has_long_hair:
            flower = self._chosen.choice(_FLOWERS)
            for x, y in ((0.655, 0.29), (0.7, 0.32), (0.66, 0.355), (0.62, 0.325)):
                _circle(pen, (x, y), 0.03, flower)
            _circle(pen, (0.66, 0.322), 0.018, "#e6b422")

    def _draw_face(self) -> None:
        pen = self._pen
        for side in (-1, 1):
            x = 0.5 + side * 0.075
            pen.arc(_scaled(x - 0.04, 0.375, x + 0.04, 0.43), 200, 340, fill=self._hair, width=_DRAWN // 90)
            _circle(pen, (x, 0.435), 0.016, "#20140f")
            _circle(pen, (x + 0.005, 0.43), 0.005, "#ffffff")
        pen.arc(_scaled(0.475, 0.44, 0.525, 0.52), 20, 160, fill=_darker(self._skin), width=_DRAWN // 110)
        pen.chord(_scaled(0.44, 0.5, 0.56, 0.59), 10, 170, fill="#8e3b32")


def _background(chosen: random.Random) -> Image.Image:
    light, dark = chosen.choice(_SKY)
    gradient = Image.linear_gradient("L").resize((_DRAWN, _DRAWN))
    below, above = (Image.new("RGB", (_DRAWN, _DRAWN), colour) for colour in (dark, light))
    return Image.composite(below, above, gradient)


def _finished(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.reduce(2).save(written, "JPEG", quality=88)
    return written.getvalue()


def _darker(colour: str) -> Colour:
    return (int(colour[1:3], 16) * 85 // 100, int(colour[3:5], 16) * 85 // 100, int(colour[5:7], 16) * 85 // 100)


def _circle(pen: ImageDraw.ImageDraw, middle: tuple[float, float], radius: float, colour: Colour) -> None:
    x, y = middle
    pen.ellipse(_scaled(x - radius, y - radius, x + radius, y + radius), fill=colour)


def _scaled(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
    return left * _DRAWN, top * _DRAWN, right * _DRAWN, bottom * _DRAWN
