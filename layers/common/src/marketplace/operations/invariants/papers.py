"""Invariants of papers and proofs: numbers without a gap, and a chain without a break."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from marketplace.operations.invariants import Check, Tables, Violation
from marketplace.operations.invariants.rows import rows, text, whole
from marketplace.operations.proof_of_books.model import FIRST_HASH, hash_of

_NUMBER: Final = re.compile(r"(R|INV)-(\d{4})-(\d{6})")
_HASH: Final = re.compile("[0-9a-f]{64}")
_COUNTER: Final = "papers#"
_SHOWN: Final = ("date", "entries", "entriesHash", "bookings", "differences", "previousHash")


def numbers_of_papers_have_no_gap(tables: Tables) -> list[Violation]:
    """Check I34: the numbers of a kind and year are 1 to n, each once, n is their counter's, and bytes have hashes."""
    if "papers" not in tables:
        return []
    found: list[Violation] = []
    numbers = defaultdict[str, list[int]](list)
    for paper in rows(tables, "papers"):
        number = _NUMBER.fullmatch(text(paper, "number"))
        if number is None or not all(_HASH.fullmatch(text(paper, name)) for name in ("pdfHash", "jsonHash")):
            found.append(Violation("I34", text(paper, "paperKey"), "the paper has no number, or no hash of its bytes"))
            continue
        numbers[f"{number[1]}-{number[2]}"].append(int(number[3]))
    counters = {
        text(claim, "claimKey").removeprefix(_COUNTER): whole(claim, "latest")
        for claim in rows(tables, "claims")
        if text(claim, "claimKey").startswith(_COUNTER)
    }
    for series in sorted(numbers.keys() | counters.keys()):
        latest = counters.get(series, 0) if "claims" in tables else len(numbers[series])
        if sorted(numbers[series]) != list(range(1, latest + 1)):
            found.append(Violation("I34", series, f"its numbers are not 1 to {latest}, each once"))
    return found


def proofs_of_books_chain(tables: Tables) -> list[Violation]:
    """Check I35: each proof hashes to what it says, and names the one before it; none is missing."""
    found: list[Violation] = []
    previous = FIRST_HASH
    proofs = sorted(rows(tables, "proofs"), key=lambda row: whole(row, "number"))
    for number, proof in enumerate(proofs, start=1):
        key = text(proof, "date")
        if whole(proof, "number") != number or text(proof, "previousHash") != previous:
            found.append(Violation("I35", key, "the proof does not follow the one before it"))
        if any(name not in proof for name in _SHOWN) or hash_of(proof) != text(proof, "hash"):
            found.append(Violation("I35", key, "the proof does not hash to what it says"))
        previous = text(proof, "hash")
    return found


CHECKS: Final[Mapping[str, Check]] = {
    "I34": numbers_of_papers_have_no_gap,
    "I35": proofs_of_books_chain,
}
"""Every invariant of this module, by its number."""
