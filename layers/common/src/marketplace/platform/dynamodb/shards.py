"""An index whose entries are shared out over a few keys, read as if it were one: newest first, page by page.

One key takes a thousand writes a second at most, however many others there are, so what every write touches must not
lie under one. A page asks each shard once, side by side in time order.
"""

from collections.abc import Callable, Iterator, Mapping
from heapq import merge
from typing import Any, Final

from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.store import Page

LIST_SHARDS: Final = 4
"""As many as a page may cost queries."""
_END: Final = "end"

type Position = Mapping[str, Any]
"""Where a list goes on in each shard: after an entry, or nowhere any more; a shard that is not named is unread."""


def list_shard_of(entity_id: str) -> str:
    """Return the shard of an entry in lists: ``"0"`` to ``"3"``, even over ids."""
    return str(sum(entity_id.encode()) % LIST_SHARDS)


def list_shards() -> Iterator[str]:
    """Yield every shard."""
    yield from (str(number) for number in range(LIST_SHARDS))


def merged_page(
    query: Callable[[str, int, Mapping[str, Any] | None], Page],
    *,
    limit: int,
    start: Position | None,
    key: str,
    sorted_by: str = "createdAt",
) -> tuple[list[Item], dict[str, Any] | None]:
    """Return a page of all shards together, newest first, and where the next one starts.

    An entry is taken only if no shard can still have a newer one, so order holds over pages whatever lies where. Each
    shard is asked for twice its share: with ids spread evenly a page is full all but always, and is never wrong.

    Args:
        query: returns a page of one shard: so many entries at most, after an entry's keys.
        limit: entries of the page at most.
        start: where the page before ended.
        key: the attribute that names an entry.
        sorted_by: the attribute that the index sorts each shard by.
    """
    before = dict(start or {})
    share = min(limit, 2 * -(-limit // LIST_SHARDS) + 3)
    pages = {
        shard: query(shard, share, _keys(before.get(shard))) for shard in list_shards() if before.get(shard) != _END
    }
    unread = [str(page.next_key[sorted_by]) for page in pages.values() if page.next_key is not None]
    newest_unread = max(unread, default="")
    lines = [[(str(item[sorted_by]), shard, item) for item in page.items] for shard, page in pages.items()]
    in_order = merge(*lines, key=lambda entry: entry[0], reverse=True)
    taken = [entry for entry in in_order if entry[0] >= newest_unread][:limit]

    position: dict[str, Any] = {shard: _END for shard in list_shards() if shard not in pages}
    for shard, page in pages.items():
        of_shard = [item for _, name, item in taken if name == shard]
        if len(of_shard) == len(page.items):
            position[shard] = _END if page.next_key is None else _place(page.next_key, key, sorted_by)
        elif of_shard:
            position[shard] = _place(of_shard[-1], key, sorted_by)
        elif shard in before:
            position[shard] = before[shard]
    is_over = len(position) == LIST_SHARDS and set(map(str, position.values())) == {_END}
    return [item for _, _, item in taken], None if is_over else position


def _place(item: Mapping[str, Any], key: str, sorted_by: str) -> dict[str, Any]:
    return {key: item[key], sorted_by: item[sorted_by]}


def _keys(place: object) -> Mapping[str, Any] | None:
    return place if isinstance(place, Mapping) else None
