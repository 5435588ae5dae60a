"""What is shown of proofs."""

from typing import TypedDict

from marketplace.operations.proof_of_books.model import Proof
from marketplace.platform.api.responses import Day


class ProofView(TypedDict):
    """What the books held in one night, chained to the night before, and signed."""

    date: Day
    entries: int
    """How many postings the ledger held."""
    entriesHash: str
    """SHA-256 of a line for each UTC day, as RFC 8785 JSON: ``day``, ``entries``, and the ``hash`` of its postings."""
    bookings: int
    """How many bookings had ever owed a commission."""
    differences: list[str]
    """What did not agree."""
    hash: str
    """SHA-256 (hexadecimal) of the RFC 8785 JSON without ``hash`` and ``signature``."""
    previousHash: str
    """The hash of the proof before it; 64 zeros for the first."""
    signature: str
    """Base64 of an ECDSA P-256 signature (DER) over the hash's bytes."""


def proof_view(proof: Proof) -> ProofView:
    """Return a proof as it is shown and hashed."""
    return {
        "date": proof.date,
        "entries": proof.entries,
        "entriesHash": proof.entries_hash,
        "bookings": proof.bookings,
        "differences": list(proof.differences),
        "hash": proof.hash,
        "previousHash": proof.previous_hash,
        "signature": proof.signature,
    }
