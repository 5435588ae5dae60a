"""Wiring of what watches over the whole: audits, proofs, health, errors and privacy."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from marketplace import bootstrap
from marketplace.platform.resilience import Dependency
from marketplace.platform.settings import settings

if TYPE_CHECKING:
    from marketplace.operations.errors.repository import ErrorLog
    from marketplace.operations.evidence import EvidenceRoom
    from marketplace.operations.health.repository import HealthRows
    from marketplace.operations.offer_shares import OfferShares
    from marketplace.operations.privacy.erasure import Erasure
    from marketplace.operations.proof_of_books.proving import Prover
    from marketplace.operations.proof_of_books.repository import Proofs
    from marketplace.operations.reconciliation.audit_pass import AuditPass
    from marketplace.operations.reconciliation.repository import Audits
    from marketplace.operations.reconciliation.runs import AuditRuns
    from marketplace.operations.test_booking.repository import TestBookings
    from marketplace.operations.workload import Workloads
    from marketplace.platform.aws.alarms import AlarmTopic
    from marketplace.platform.aws.dead_letters import DeadLetters
    from marketplace.platform.dynamodb.audit_log import History


@cache
def evidence() -> EvidenceRoom:
    """Return what writes rooms down as evidence; only where the template names the key that signs."""
    from marketplace.operations.evidence import EvidenceRoom

    return EvidenceRoom(
        bootstrap.rooms(), bootstrap.history(), Dependency("kms", bootstrap.client("kms")), os.environ["PROOF_KEY_ID"]
    )


@cache
def alarm_topic() -> AlarmTopic:
    """Return the topic that wakes somebody; only where the template names it."""
    from marketplace.platform.aws.alarms import AlarmTopic

    return AlarmTopic(Dependency("sns", bootstrap.client("sns")), os.environ["ALARM_TOPIC_ARN"])


@cache
def proofs() -> Proofs:
    """Return the proofs of the books."""
    from marketplace.operations.proof_of_books.repository import Proofs

    return Proofs(bootstrap.store())


@cache
def prover() -> Prover:
    """Return what proves the books."""
    from marketplace.operations.proof_of_books.proving import Prover

    return Prover(bootstrap.proofs(), Dependency("kms", bootstrap.client("kms")), os.environ.get("PROOF_KEY_ID", ""))


@cache
def audits() -> Audits:
    """Return the runs of the audit."""
    from marketplace.operations.reconciliation.repository import Audits

    return Audits(bootstrap.store())


@cache
def audit_pass() -> AuditPass:
    """Return what carries a run of the audit on."""
    from marketplace.operations.reconciliation.audit_pass import AuditPass

    return AuditPass(bootstrap.store(), bootstrap.audits())


@cache
def audit_runs() -> AuditRuns:
    """Return what begins and finishes runs of the audit."""
    from marketplace.operations.reconciliation.runs import AuditRuns

    return AuditRuns(bootstrap.audits(), bootstrap.audit_pass(), bootstrap.commission_commands())


@cache
def erasure() -> Erasure:
    """Return what forgets customers."""
    from marketplace.operations.privacy.erasure import Erasure
    from marketplace.platform.signing import pseudonym

    return Erasure(
        bootstrap.store(),
        bootstrap.commissions(),
        bootstrap.history(),
        bootstrap.attachments(),
        bootstrap.uploads(),
        lambda number: pseudonym(number, bootstrap.sealing_key()),
    )


@cache
def history() -> History:
    """Return the audit log of every change."""
    from marketplace.platform.dynamodb.audit_log import History

    return History(bootstrap.store())


@cache
def error_log() -> ErrorLog:
    """Return what has gone wrong."""
    from marketplace.operations.errors.repository import ErrorLog

    return ErrorLog(bootstrap.store())


@cache
def test_bookings() -> TestBookings:
    """Return the test bookings."""
    from marketplace.operations.test_booking.repository import TestBookings

    return TestBookings(bootstrap.store(), bootstrap.catalogue())


@cache
def workloads() -> Workloads:
    """Return the workload of all therapists."""
    from marketplace.operations.workload import Workloads

    return Workloads(bootstrap.store())


@cache
def offer_shares() -> OfferShares:
    """Return what counts how offers were spread."""
    from marketplace.operations.offer_shares import OfferShares

    return OfferShares(bootstrap.bookings())


@cache
def health_rows() -> HealthRows:
    """Return the rows that health is judged by."""
    from marketplace.operations.health.repository import HealthRows

    return HealthRows(bootstrap.store())


@cache
def dead_letters() -> DeadLetters:
    """Return the queue of changes that could not be published."""
    from marketplace.platform.aws.dead_letters import DeadLetters

    return DeadLetters(Dependency("sqs", bootstrap.client("sqs")), settings().parked_changes_queue_url)
