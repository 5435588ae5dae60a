"""The shortest part of a history that still fails: halves, quarters and so on are left out as long as it does."""

from collections.abc import Callable, Sequence


def shortest[EventT](history: Sequence[EventT], fails: Callable[[Sequence[EventT]], bool]) -> list[EventT]:
    """Return a part of a failing history from which no single event can be left out (delta debugging, Zeller 1999)."""
    kept, parts = list(history), 2
    while len(kept) > 1:
        size = max(1, len(kept) // parts)
        for start in range(0, len(kept), size):
            fewer = kept[:start] + kept[start + size :]
            if fewer and fails(fewer):
                kept, parts = fewer, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(kept), parts * 2)
    return kept
