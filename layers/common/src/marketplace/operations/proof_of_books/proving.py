"""Makes each night's proof: a full pass over the books, chained to the last one, and signed by a key in KMS."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, final

from msgspec import Struct

from marketplace.catalogue.place.market_days import day_of
from marketplace.commission.judging import ever_confirmed, judge
from marketplace.operations.invariants.ledger import the_ledger_balances_and_agrees
from marketplace.operations.proof_of_books.model import FIRST_HASH, Proof, hash_of, hash_of_entries
from marketplace.operations.proof_of_books.repository import Proofs, adding_proof
from marketplace.platform.dynamodb.actions import ConditionRefused
from marketplace.platform.resilience import Dependency
from marketplace.platform.runtime.observability import Category, Severity, report

_MOST_NAMED: Final = 200


_READ: Final = ("ledger_entries", "commission_records", "bookings", "claims", "payments")

type Rows = dict[str, list[Mapping[str, Any]]]


def _differences(tables: Rows) -> set[str]:
    findings = judge(tables["bookings"], tables["commission_records"])
    return {
        *(f"{each.key}: {each.message}" for each in the_ledger_balances_and_agrees(tables)),
        *(f"{booking_id}: its commission is not right" for booking_id in findings.keys),
    }


@final
class Prover(Struct, frozen=True):
    """Proves the books of one stack."""

    proofs: Proofs
    kms: Dependency
    key_id: str

    def prove(self, now: datetime) -> Proof:
        """Return this night's proof, made now if it is not there yet.

        What happens while the tables are read may look like a difference, so they are read once more before one is
        named.
        """
        date, latest = day_of(now).isoformat(), self.proofs.latest()
        if latest is not None and latest.date >= date:
            return latest
        tables = self._read()
        found = _differences(tables)
        if found:
            found &= _differences(self._read())
        content = {
            "date": date,
            "entries": len(tables["ledger_entries"]),
            "entriesHash": hash_of_entries(tables["ledger_entries"]),
            "bookings": sum(
                1 for booking in tables["bookings"] if ever_confirmed(booking) and booking.get("isTest") is not True
            ),
            "differences": sorted(found)[:_MOST_NAMED],
            "previousHash": FIRST_HASH if latest is None else latest.hash,
        }
        digest = hash_of(content)
        signed = self.kms.call(
            "sign",
            KeyId=self.key_id,
            Message=bytes.fromhex(digest),
            MessageType="DIGEST",
            SigningAlgorithm="ECDSA_SHA_256",
        )
        signature: Any = signed["Signature"]
        proof = Proof(
            number=1 if latest is None else latest.number + 1,
            date=date,
            made_at=now,
            entries=int(str(content["entries"])),
            entries_hash=str(content["entriesHash"]),
            bookings=int(str(content["bookings"])),
            differences=tuple(sorted(found)[:_MOST_NAMED]),
            previous_hash=str(content["previousHash"]),
            hash=digest,
            signature=b64encode(signature).decode(),
        )
        try:
            self.proofs.store.write(adding_proof(proof))
        except ConditionRefused:
            return self.proofs.latest() or proof
        if found:
            report(
                "the books do not agree",
                category=Category.PAYMENT,
                severity=Severity.CRITICAL,
                code="books_differ",
                differences=len(found),
            )
        return proof

    def _read(self) -> Rows:
        return {table: list(self.proofs.rows(table)) for table in _READ}
