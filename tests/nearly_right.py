"""Input that is nearly right: examples with a field or two replaced, left out or added."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

type Json = Any

LEAVES: Final = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["", " ", "\u202e", "\x00", "a" * 5_000, "2026-11-22T08:15:00.000Z", "+62812", -1, 0, 10**40])
)
ANYTHING: Final = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def changed(draw: st.DrawFn, example: Mapping[str, Json]) -> Json:
    """Return an example with some field replaced, left out, or added."""
    body = dict(example)
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from([*example, "role", "price", "senderRole"]) | st.text(max_size=10))
        if draw(st.booleans()):
            body[name] = draw(ANYTHING)
        else:
            body.pop(name, None)
    return body
