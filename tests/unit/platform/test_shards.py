"""A list that is shared out over shards reads as one: everything once, in order, whatever the page and the filter."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marketplace.platform.dynamodb.shards import LIST_SHARDS, list_shard_of, list_shards, merged_page
from marketplace.platform.dynamodb.store import Page

type Row = Mapping[str, Any]

ROWS = st.lists(st.integers(min_value=0, max_value=30), max_size=60)
"""When each row was made; many at the same instant."""


class Index:
    """An index as DynamoDB reads it: newest first, so many rows read at most, filtered after that."""

    def __init__(self, instants: list[int]) -> None:
        rows = [{"bookingId": f"b-{number}", "createdAt": f"{instant:03d}"} for number, instant in enumerate(instants)]
        self.shards = {
            shard: sorted(
                (row for row in rows if list_shard_of(row["bookingId"]) == shard),
                key=lambda row: row["createdAt"],
                reverse=True,
            )
            for shard in list_shards()
        }
        self.rows = rows
        self.queries = 0

    def query(self, shard: str, limit: int, start: Row | None, *, hidden: frozenset[int] = frozenset()) -> Page:
        self.queries += 1
        rows = self.shards[shard]
        begin = 0 if start is None else 1 + [row["bookingId"] for row in rows].index(start["bookingId"])
        read = rows[begin : begin + limit]
        is_over = begin + limit > len(rows)
        kept = [row for row in read if int(row["bookingId"][2:]) % 5 not in hidden]
        return Page(items=kept, next_key=None if is_over or not read else read[-1])


@given(ROWS, st.integers(min_value=1, max_value=20), st.frozensets(st.integers(0, 4), max_size=4))
def test_pages_together_are_every_row_once_newest_first(
    instants: list[int], limit: int, hidden: frozenset[int]
) -> None:
    index, found, position = Index(instants), list[Row](), None
    for _ in range(200):
        before = index.queries
        items, position = merged_page(
            lambda shard, size, start: index.query(shard, size, start, hidden=hidden),
            limit=limit,
            start=position,
            key="bookingId",
        )
        assert index.queries - before <= LIST_SHARDS
        assert len(items) <= limit
        found += items
        if position is None:
            break
    assert position is None, "the list never ends"
    wanted = {row["bookingId"] for row in index.rows if int(row["bookingId"][2:]) % 5 not in hidden}
    assert len(found) == len(wanted)
    assert {row["bookingId"] for row in found} == wanted
    assert [row["createdAt"] for row in found] == sorted((row["createdAt"] for row in found), reverse=True)


def test_a_page_of_many_rows_is_full() -> None:
    items, position = merged_page(Index(list(range(1, 31)) * 20).query, limit=50, start=None, key="bookingId")
    assert len(items) == 50
    assert position is not None


def test_shards_are_even_over_ids() -> None:
    counts = dict.fromkeys(list_shards(), 0)
    for number in range(4_000):
        counts[list_shard_of(f"b-{number:06x}")] += 1
    assert all(700 < count < 1_300 for count in counts.values())
