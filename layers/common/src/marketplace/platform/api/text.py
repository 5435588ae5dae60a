"""Text, ids, times and numbers from outside, each as a type that a request model can name.

The rules of contract section 2 live here once: text is NFC-normalised and stripped; control characters,
bidirectional controls and text without a visible character are refused; joiners stay; lengths are
counted in code points after that. What people write at length may have lines, which end with U+000A alone.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Final, final

from msgspec import Struct
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from marketplace.platform.market import MARKET_ZONE
from marketplace.platform.refusals import FieldError, NotFound, ValidationFailed

RULE: Final = "rule"
"""The pydantic error type of every rule of ours; its message is a constant sentence, fit to be shown."""

# Cc, the bidirectional controls of UAX #9 that can make a text read as another one, and halves of surrogate pairs.
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FORBIDDEN_IN_LINES: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MOST_LINE_BREAKS: Final = 20
"""In a row, those of blank lines included: more would push whatever else there is off the screen."""
# What str.strip() takes for white space, without the separators U+001C-1F and U+0085: those are controls.
_WHITE_SPACE: Final = (
    " \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000"
)
_TOO_MANY_LINE_BREAKS: Final = re.compile(f"(?:\n[{_WHITE_SPACE.replace(chr(10), '')}]*+){{{MOST_LINE_BREAKS + 1}}}")
# Letters and symbols by category that nonetheless show nothing: the Hangul fillers and the blank Braille cell.
_BLANKS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159")
# Marks alone do not count: they need something to stand on. Unassigned ones do: a newer emoji is visible.
_INVISIBLE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me", "Mc"})
# Unassigned code points that Unicode keeps for invisible ones, and noncharacters.
_RESERVED_INVISIBLE: Final = re.compile("[\u2065\ufdd0-\ufdef\ufff0-\ufff8\ufffe\uffff\U000e0000-\U000e0fff]")


def broken_rule(message: str) -> PydanticCustomError:
    """Return the error of a rule of ours; ``message`` must be constant and repeat nothing of the input."""
    return PydanticCustomError(RULE, message)


def normalised(text: str, *, lines: bool = False) -> str:
    """Return the text as it is kept: NFC, without white space around it; ``lines``, if allowed, end with U+000A.

    Raises:
        PydanticCustomError: it has a control or bidirectional control character, or nothing visible, or
            too many line breaks in a row.
    """
    # ASCII is the usual case and NFC already.
    clean = (text if text.isascii() else unicodedata.normalize("NFC", text)).strip(_WHITE_SPACE)
    if lines:
        clean = clean.replace("\r\n", "\n").replace("\r", "\n")
        if _TOO_MANY_LINE_BREAKS.search(clean):
            message = f"This must have at most {MOST_LINE_BREAKS} line breaks in a row."
            raise broken_rule(message)
    if (_FORBIDDEN_IN_LINES if lines else _FORBIDDEN).search(clean):
        message = "Control characters are not allowed."
        raise broken_rule(message)
    if not any(_is_visible(character) for character in clean):
        message = "This must have at least one visible character."
        raise broken_rule(message)
    return clean


def _is_visible(character: str) -> bool:
    if character.isascii():
        return " " < character < "\x7f"
    return (
        unicodedata.category(character) not in _INVISIBLE_CATEGORIES
        and character not in _BLANKS
        and not _RESERVED_INVISIBLE.match(character)
    )


@final
class Text(Struct, frozen=True):
    """Annotation of a string by the rules of this module, ``shortest`` to ``longest`` code points long."""

    shortest: int
    longest: int
    pattern: str | None = None
    complaint: str = "This is not written as it must be."
    lines: bool = False
    """Whether it may have more than one line."""

    def check(self, text: str) -> str:
        """Return the normalised text; raises PydanticCustomError with the broken rule."""
        # Normalisation takes time with the length: what is far too long is refused unseen. NFC
        # shortens a text at most to a third or so, and white space around it may be cut off.
        if len(text) > 4 * self.longest + 64:
            raise broken_rule(self._length_rule)
        clean = normalised(text, lines=self.lines)
        if not self.shortest <= len(clean) <= self.longest:
            raise broken_rule(self._length_rule)
        if self.pattern is not None and re.fullmatch(self.pattern, clean) is None:
            raise broken_rule(self.complaint)
        return clean

    @property
    def _length_rule(self) -> str:
        return f"This must have {self.shortest} to {self.longest} characters."

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate as strict text first, then by the rules."""
        del source, handler
        return core_schema.no_info_after_validator_function(self.check, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Tell lengths and pattern to whoever generates documents."""
        described = handler(schema)
        described.update(minLength=self.shortest, maxLength=self.longest)
        if self.pattern is not None:
            described["pattern"] = f"^{self.pattern}$"
        return described


@final
class WrittenAs(Struct, frozen=True):
    """Annotation of a value that arrives as a string in a notation of its own (a time, a day, a number)."""

    read: Callable[[str], object]
    """Returns the value; raises PydanticCustomError."""
    json_schema: tuple[tuple[str, object], ...]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate as strict text first, then read it; written back, it is a value like any other."""
        del source, handler
        return core_schema.no_info_after_validator_function(
            self.read,
            core_schema.str_schema(strict=True),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: value, return_schema=core_schema.any_schema()
            ),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the notation to whoever generates documents."""
        del schema, handler
        return dict(self.json_schema)


# Times --------------------------------------------------------------------------------------------

_RFC3339: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-5][0-9]))"
)


def parse_instant(written: str) -> datetime:
    """Return an RFC 3339 time as an aware UTC datetime; one without an offset is refused.

    Raises:
        PydanticCustomError: it is no RFC 3339 time, has no offset, or lies outside the years that we count.
    """
    found = _RFC3339.fullmatch(written)
    if found is None:
        message = "This must be an RFC 3339 time with its offset, such as 2026-11-22T08:15:00.000Z."
        raise broken_rule(message)
    year, month, day, hour, minute, second = (int(part) for part in found.group(1, 2, 3, 4, 5, 6))
    microsecond = int((found[7] or "0").ljust(6, "0")[:6])
    try:
        offset = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
        zone = timezone(-offset if found[8] == "-" else offset)
        return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        message = "There is no such time."
        raise broken_rule(message) from None


def read_day(written: str) -> date:
    """Return the date that ``YYYY-MM-DD`` means; raises PydanticCustomError for anything else."""
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", written) is None:
        message = "This must be a date such as 2026-11-22."
        raise broken_rule(message)
    try:
        return date.fromisoformat(written)
    except ValueError:
        message = "There is no such date."
        raise broken_rule(message) from None


def read_market_day(written: str) -> date:
    """Return a date of the marketplace, to which days can be added and which can be moved between zones.

    Raises:
        PydanticCustomError: it is no date, or at an end of the calendar, which allows neither.
    """
    day = read_day(written)
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        message = "This must be a date from 1900 to 2999."
        raise broken_rule(message)
    return day


_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2999


_MONTH: Final = "2[01][0-9]{2}-(0[1-9]|1[0-2])"


def read_month(written: str) -> str:
    """Return a month unchanged if it is written ``YYYY-MM``; raises PydanticCustomError otherwise."""
    if re.fullmatch(_MONTH, written) is None:
        message = "This must be a month such as 2026-11."
        raise broken_rule(message)
    return written


def _start_of(day: date) -> datetime:
    try:
        return datetime.combine(day, datetime.min.time(), tzinfo=MARKET_ZONE).astimezone(UTC)
    except OverflowError:
        message = "There is no such date."
        raise broken_rule(message) from None


def read_since(written: str) -> datetime:
    """Return the instant at which a period begins: a time, or the start of a date in Asia/Jakarta."""
    return _start_of(read_market_day(written)) if len(written) == len("2026-11-22") else parse_instant(written)


def read_until(written: str) -> datetime:
    """Return the instant before which a period ends: a time or a date in Asia/Jakarta, itself included."""
    try:
        if len(written) == len("2026-11-22"):
            return _start_of(read_market_day(written) + timedelta(days=1))
        return parse_instant(written) + timedelta(milliseconds=1)
    except OverflowError:
        message = "There is no such date."
        raise broken_rule(message) from None


# What a query string holds ------------------------------------------------------------------------


def _read_count(written: str) -> int:
    if re.fullmatch("[0-9]{1,15}", written) is None:
        message = "This must be a whole number, not below zero."
        raise broken_rule(message)
    return int(written)


def _read_position(written: str) -> int:
    position = _read_count(written)
    if position == 0:
        message = "This must be a whole number above zero."
        raise broken_rule(message)
    return position


def _read_limit(written: str) -> int:
    limit = _read_count(written)
    if not 1 <= limit <= LONGEST_PAGE:
        message = "This must be a whole number from 1 to 50."
        raise broken_rule(message)
    return limit


def _read_flag(written: str) -> bool:
    try:
        return {"true": True, "1": True, "false": False, "0": False}[written.lower()]
    except KeyError:
        message = "This must be true or false."
        raise broken_rule(message) from None


LONGEST_PAGE: Final = 50
LARGEST_SEQUENCE: Final = 10**15 - 1
"""Far beyond every sequence, and exact in every JSON reader (below 2**53)."""

_INSTANT_SCHEMA: Final = (("type", "string"), ("format", "date-time"))

Id = Annotated[str, Text(1, 128)]
"""An opaque id of anything."""
PersonName = Annotated[str, Text(1, 255)]
RoomNumber = Annotated[str, Text(1, 50)]
Address = Annotated[str, Text(1, 500, lines=True)]
Reason = Annotated[str, Text(1, 500, lines=True)]
MessageText = Annotated[str, Text(1, 4000, lines=True)]
Code = Annotated[str, Text(1, 64)]
SealedToken = Annotated[str, Text(1, 4096)]
"""A quote: opaque, and judged only by its seal."""
Cursor = Annotated[str, Text(1, 2048)]
SearchWords = Annotated[str, Text(1, 200)]
FileName = Annotated[
    str, Text(1, 255, pattern=r"[^/\\]*[^/\\. ][^/\\]*", complaint="This must be a file name without a path.")
]
WallClock = Annotated[
    str,
    Text(5, 5, pattern="(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00", complaint="This must be a time such as 09:00."),
]

Instant = Annotated[datetime, WrittenAs(parse_instant, _INSTANT_SCHEMA)]
Day = Annotated[date, WrittenAs(read_day, (("type", "string"), ("format", "date")))]
MarketDay = Annotated[date, WrittenAs(read_market_day, (("type", "string"), ("format", "date")))]
Month = Annotated[str, WrittenAs(read_month, (("type", "string"), ("pattern", f"^{_MONTH}$")))]
Since = Annotated[datetime, WrittenAs(read_since, (("type", "string"), ("examples", ("2026-11-01",))))]
Until = Annotated[datetime, WrittenAs(read_until, (("type", "string"), ("examples", ("2026-11-30",))))]

CountInQuery = Annotated[int, WrittenAs(_read_count, (("type", "integer"), ("minimum", 0)))]
PositionInQuery = Annotated[int, WrittenAs(_read_position, (("type", "integer"), ("minimum", 1)))]
LimitInQuery = Annotated[
    int, WrittenAs(_read_limit, (("type", "integer"), ("minimum", 1), ("maximum", LONGEST_PAGE), ("default", 50)))
]
FlagInQuery = Annotated[bool, WrittenAs(_read_flag, (("type", "boolean"),))]


# Outside of models --------------------------------------------------------------------------------

_IDEMPOTENCY_KEY: Final = Text(1, 128)
_VERSION: Final = re.compile('"([1-9][0-9]{0,8})"', re.ASCII)
_PATH_ID: Final = Text(1, 128)


def expected_version(given: str | None) -> int | None:
    """Return the version that the ``If-Match`` header names (``"3"``), or nothing if there was none.

    Raises:
        ValidationFailed: it is not one whole number from 1 on in quotation marks.
    """
    if given is None:
        return None
    version = _VERSION.fullmatch(given.strip(" \t"))
    if version is None:
        complaint = "This must be a version in quotation marks."
        raise ValidationFailed((FieldError("If-Match", complaint),))
    return int(version[1])


def idempotency_key(given: str | None) -> str | None:
    """Return the value of the ``Idempotency-Key`` header, or nothing if there was none.

    Raises:
        ValidationFailed: it is not 1 to 128 printable characters.
    """
    if given is None:
        return None
    key = given.strip(" \t")
    if not (1 <= len(key) <= _IDEMPOTENCY_KEY.longest and key.isprintable()):
        complaint = f"This must have 1 to {_IDEMPOTENCY_KEY.longest} printable characters."
        raise ValidationFailed((FieldError("Idempotency-Key", complaint),))
    return key


def position_in_path(given: str) -> int:
    """Return a whole number above zero from a route; what is none names nothing.

    Raises:
        NotFound: it is not written as a plain number.
    """
    if re.fullmatch("[1-9][0-9]{0,14}", given) is None:
        raise NotFound
    return int(given)


def path_id(given: str) -> str:
    """Return an id from a route; what cannot be one names nothing.

    Raises:
        NotFound: no id of ours is written like this.
    """
    try:
        return _PATH_ID.check(given.encode().decode())
    except (PydanticCustomError, UnicodeError):
        raise NotFound from None
