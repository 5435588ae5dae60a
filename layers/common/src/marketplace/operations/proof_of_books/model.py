"""A proof of the books: what they held in one night, chained to the night before, and signed."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, final

from marketplace.platform.clock import Instant
from marketplace.platform.record import Record

FIRST_HASH: Final = "0" * 64
"""What the first proof names as the one before it."""
_SEALED: Final = ("date", "entries", "entriesHash", "bookings", "differences", "previousHash")


@final
class ProvenDay(Record, frozen=True, kw_only=True):
    """What the ledger held of one UTC day when it was last read."""

    day: str
    entries: int
    hash: str
    """SHA-256 of its postings, each as RFC 8785 JSON in a line, in the order of therapist and time."""
    bookings: int
    """How many bookings owed a commission for the first time."""


@final
class Proof(Record, frozen=True, kw_only=True):
    """One night's proof; it is cumulative: it speaks of everything there has ever been."""

    number: int
    """1 for the first, and no gap."""
    date: str
    """The Jakarta date of the night."""
    made_at: Instant
    entries: int
    """How many postings the ledger holds."""
    entries_hash: str
    """SHA-256 of a line for each day that has some, as RFC 8785 JSON: day, how many, and their hash."""
    bookings: int
    """How many bookings owe or owed a commission."""
    differences: tuple[str, ...]
    """What does not agree, empty where everything does."""
    previous_hash: str
    hash: str
    """SHA-256 of the proof as RFC 8785 JSON, without this and the signature."""
    signature: str
    """ECDSA on P-256 over the hash's bytes, DER in base64."""
    days: tuple[ProvenDay, ...] = ()
    """The days that were read for it; of the others earlier proofs tell."""


def canonical(content: object) -> bytes:
    """Return content as RFC 8785 writes it; texts, whole numbers, lists and maps with ASCII names alone."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sealed_content(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the hash of a shown proof is made over."""
    return {name: shown[name] for name in _SEALED}


def hash_of(shown: Mapping[str, Any]) -> str:
    """Return the hash of a shown proof, in hexadecimal."""
    return sha256(canonical(sealed_content(shown))).hexdigest()


def hash_of_entries(entries: Iterable[Mapping[str, Any]]) -> str:
    """Return the hash of all postings, whatever order they come in; who wrote them last is no part of it."""
    told = sorted(
        ({name: value for name, value in entry.items() if name != "operationId"} for entry in entries),
        key=lambda entry: (str(entry["therapistId"]), str(entry["entryId"])),
    )
    digest = sha256()
    for entry in told:
        digest.update(canonical(entry) + b"\n")
    return digest.hexdigest()


def proven_day(day: str, entries: Iterable[Mapping[str, Any]]) -> ProvenDay:
    """Return what a day's postings come to."""
    held = list(entries)
    return ProvenDay(
        day=day, entries=len(held), hash=hash_of_entries(held), bookings=sum(1 for entry in held if _is_first(entry))
    )


def days_in(entries: Iterable[Mapping[str, Any]]) -> list[ProvenDay]:
    """Return what each day of some postings comes to, the earliest first."""
    by_day = defaultdict[str, list[Mapping[str, Any]]](list)
    for entry in entries:
        by_day[str(entry["day"])].append(entry)
    return [proven_day(day, held) for day, held in sorted(by_day.items())]


def hash_of_days(days: Iterable[ProvenDay]) -> str:
    """Return the hash of everything that the ledger holds, by its days."""
    digest = sha256()
    for day in sorted(days, key=lambda each: each.day):
        if day.entries:
            digest.update(canonical({"day": day.day, "entries": day.entries, "hash": day.hash}) + b"\n")
    return digest.hexdigest()


def _is_first(entry: Mapping[str, Any]) -> bool:
    return entry.get("reason") == "commission" and str(entry["entryId"]).endswith("#000001")


def breaks_in(shown: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return where a chain of proofs, oldest first, is broken: a changed, missing or moved one."""
    found = []
    for before, proof in zip([None, *shown], shown, strict=False):
        if hash_of(proof) != proof["hash"]:
            found.append(f"{proof['date']}: the hash is not that of what it says")
        expected = proof["previousHash"] if before is None else before["hash"]
        if proof["previousHash"] != expected:
            found.append(f"{proof['date']}: it does not follow the one before it")
    return found
