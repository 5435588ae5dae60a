"""Makes each night's proof: of what changed and a thirtieth of the rest, chained to the last one, and signed in KMS.

The first night reads everything. What was proven of a closed day must be there as it was at every later look, so the
proofs together speak of everything there has ever been.
"""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.catalogue.place.market_days import day_of
from marketplace.commission.judging import judge
from marketplace.operations.invariants.ledger import the_ledger_balances_and_agrees
from marketplace.operations.proof_of_books.model import (
    FIRST_HASH,
    Proof,
    ProvenDay,
    days_in,
    hash_of,
    hash_of_days,
    proven_day,
)
from marketplace.operations.proof_of_books.repository import Proofs, Rows, adding_proof
from marketplace.platform.dynamodb.actions import ConditionRefused
from marketplace.platform.resilience import Dependency
from marketplace.platform.runtime.observability import Category, Severity, report

_MOST_NAMED: Final = 200
NIGHTS_OF_A_PASS: Final = 30
"""In so many nights every day was read once more."""
_STILL_OPEN: Final = timedelta(hours=1)
"""How long after an instant postings of it may appear."""
_READ: Final = ("ledger_entries", "commission_records", "bookings", "claims", "payments")


@final
class _Look(Struct, frozen=True):
    """What one night's reading has shown."""

    days: tuple[ProvenDay, ...]
    differences: frozenset[str]


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
        date_of_night, latest = day_of(now).isoformat(), self.proofs.latest()
        if latest is not None and latest.date >= date_of_night:
            return latest
        known = self.proofs.proven_days()
        look = self._everything() if latest is None or not known else self._what_changed(latest, known, now)
        days = {**known, **{day.day: day for day in look.days}}
        named = sorted(look.differences)[:_MOST_NAMED]
        content: dict[str, Any] = {
            "date": date_of_night,
            "entries": sum(day.entries for day in days.values()),
            "entriesHash": hash_of_days(days.values()),
            "bookings": sum(day.bookings for day in days.values()),
            "differences": named,
            "previousHash": FIRST_HASH if latest is None else latest.hash,
        }
        digest = hash_of(content)
        proof = Proof(
            number=1 if latest is None else latest.number + 1,
            date=date_of_night,
            made_at=now,
            entries=content["entries"],
            entries_hash=content["entriesHash"],
            bookings=content["bookings"],
            differences=tuple(named),
            previous_hash=content["previousHash"],
            hash=digest,
            signature=self._signed(digest),
            days=look.days,
        )
        try:
            self.proofs.store.write(adding_proof(proof))
        except ConditionRefused:
            return self.proofs.latest() or proof
        if named:
            report(
                "the books do not agree",
                category=Category.PAYMENT,
                severity=Severity.CRITICAL,
                code="books_differ",
                differences=len(look.differences),
            )
        return proof

    def _signed(self, digest: str) -> str:
        signed = self.kms.call(
            "sign",
            KeyId=self.key_id,
            Message=bytes.fromhex(digest),
            MessageType="DIGEST",
            SigningAlgorithm="ECDSA_SHA_256",
        )
        signature: Any = signed["Signature"]
        return b64encode(signature).decode()

    def _everything(self) -> _Look:
        tables = self._tables()
        found = _differences(tables)
        if found:
            found &= _differences(self._tables())
        return _Look(days=tuple(days_in(tables["ledger_entries"])), differences=frozenset(found))

    def _tables(self) -> dict[str, Rows]:
        return {table: list(self.proofs.rows(table)) for table in _READ}

    def _what_changed(self, latest: Proof, known: Mapping[str, ProvenDay], now: datetime) -> _Look:
        """Read the days since the last proof, and of the closed ones those whose turn it is."""
        opened, today = (latest.made_at - _STILL_OPEN).date(), now.date()
        turn = (latest.number + 1) % NIGHTS_OF_A_PASS
        closed = [day for day in _dates(date.fromisoformat(min(known)), opened) if day.toordinal() % 30 == turn]
        days = [day.isoformat() for day in (*closed, *_dates(opened, today + timedelta(days=1)))]
        entries = {day: self.proofs.entries_of_day(day) for day in days}
        found = self._found(entries, now)
        if found:
            found &= self._found({day: self.proofs.entries_of_day(day) for day in days}, now)
        seen = {day: proven_day(day, rows) for day, rows in entries.items()}
        for each in closed:
            day = each.isoformat()
            was = known.get(day, proven_day(day, ()))
            if seen[day] != was and proven_day(day, self.proofs.entries_of_day(day)) != was:
                found.add(f"{day}: {seen[day].entries} postings stand where {was.entries} others were proven")
        return _Look(
            days=tuple(day for day in seen.values() if day.entries or day.day in known), differences=frozenset(found)
        )

    def _found(self, entries: Mapping[str, Rows], now: datetime) -> set[str]:
        """Return what does not agree among the bookings of some days and those that were posted to on them."""
        posted = [entry for rows in entries.values() for entry in rows]
        ids = {str(entry["bookingId"]) for entry in posted} | self.proofs.bookings_of_days(entries)
        bookings, records = self.proofs.bookings(ids), self.proofs.records(ids)
        findings = judge(bookings, records)
        with_credits = {str(entry["therapistId"]) for entry in posted if _moves_credits(entry)}
        return {
            *_broken({"ledger_entries": posted, "commission_records": []}),
            *_broken({"ledger_entries": self._postings_of(records), "commission_records": records}),
            *_broken(self._credits_of(with_credits, now)),
            *(f"{booking_id}: its commission is not right" for booking_id in findings.keys),
        }

    def _postings_of(self, records: Rows) -> Rows:
        """Return the postings of records: none is later than its record's last step."""
        groups = defaultdict[tuple[str, str], list[Mapping[str, Any]]](list)
        for record in records:
            groups[str(record["therapistId"]), str(record["bookingDate"])[:10]].append(record)
        found: list[Mapping[str, Any]] = []
        for (therapist_id, _), group in groups.items():
            since = {str(record["bookingId"]): str(record["bookingDate"]) for record in group}
            until = max(str(record["updatedAt"]) for record in group)
            found += [
                entry
                for entry in self.proofs.entries_of(therapist_id, min(since.values()), f"{until}#~")
                if str(entry["at"]) >= since.get(str(entry["bookingId"]), "~")
            ]
        return found

    def _credits_of(self, therapists: set[str], now: datetime) -> dict[str, Rows]:
        """Return everything that was posted of some therapists, and what they can use."""
        until = f"{(now + _STILL_OPEN).isoformat()}#~"
        return {
            "ledger_entries": [
                entry for therapist in sorted(therapists) for entry in self.proofs.entries_of(therapist, "", until)
            ],
            "commission_records": [],
            "claims": self.proofs.credits_of(therapists),
        }


def _differences(tables: Mapping[str, Rows]) -> set[str]:
    findings = judge(tables["bookings"], tables["commission_records"])
    return {
        *_broken(tables),
        *(f"{booking_id}: its commission is not right" for booking_id in findings.keys),
    }


def _broken(tables: Mapping[str, Rows]) -> Iterator[str]:
    yield from (f"{each.key}: {each.message}" for each in the_ledger_balances_and_agrees(tables))


def _moves_credits(entry: Mapping[str, Any]) -> bool:
    lines: Sequence[Mapping[str, Any]] = entry.get("lines") or ()
    return any(line.get("account") == "credits" for line in lines)


def _dates(first: date, before: date) -> Iterator[date]:
    for number in range((before - first).days):
        yield first + timedelta(days=number)
