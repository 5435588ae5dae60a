"""Wiring of money: commissions, the ledger, payments and the papers about them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from marketplace import bootstrap
from marketplace.platform.resilience import Dependency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marketplace.commission.ledger.lists import LedgerLists
    from marketplace.commission.ledger.repository import Ledger
    from marketplace.commission.lists import CommissionLists
    from marketplace.commission.papers.repository import Papers
    from marketplace.commission.papers.tables import Table
    from marketplace.commission.repository import Commissions
    from marketplace.commission.revenue.repository import RevenueBooks
    from marketplace.payment.lists import PaymentLists
    from marketplace.payment.provider import PaymentProvider
    from marketplace.payment.repository import Payments
    from marketplace.services.commission.commissions import CommissionCommands
    from marketplace.services.commission.month_exports import MonthExports
    from marketplace.services.commission.overdue_debts import OverdueDebts
    from marketplace.services.commission.papers import PaperCommands
    from marketplace.services.commission.payments import PaymentCommands
    from marketplace.services.commission.proofs import ProofCommands


@cache
def commission_commands() -> CommissionCommands:
    """Return the commands on commissions."""
    from marketplace.services.commission.commissions import CommissionCommands

    return CommissionCommands(bootstrap.store(), bootstrap.commissions(), bootstrap.ledger(), bootstrap.policies())


@cache
def proof_commands() -> ProofCommands:
    """Return the commands of therapists who pay a commission."""
    from marketplace.services.commission.proofs import ProofCommands

    return ProofCommands(
        bootstrap.store(),
        commissions=bootstrap.commissions(),
        attachments=bootstrap.attachments(),
        files=bootstrap.files,
    )


@cache
def overdue_debts() -> OverdueDebts:
    """Return what keeps overdue debts in therapists' rows."""
    from marketplace.services.commission.overdue_debts import OverdueDebts

    return OverdueDebts(bootstrap.store())


@cache
def commissions() -> Commissions:
    """Return the commission records."""
    from marketplace.commission.repository import Commissions

    return Commissions(bootstrap.store())


@cache
def papers() -> Papers:
    """Return the papers that were issued."""
    from marketplace.commission.papers.repository import Papers
    from marketplace.commission.papers.settings import paper_settings

    return Papers(bootstrap.store(), Dependency("s3", bootstrap.file_client()), paper_settings().bucket)


@cache
def paper_commands() -> PaperCommands:
    """Return what issues papers; only where the layer of papers is."""
    from marketplace.commission.papers.settings import paper_settings
    from marketplace.services.commission.papers import Draw, PaperCommands

    def draw() -> Draw:
        from marketplace.commission.papers.drawing import drawn

        return drawn

    return PaperCommands(
        papers=bootstrap.papers(),
        bookings=bootstrap.bookings(),
        commissions=bootstrap.commissions(),
        ledger=bootstrap.ledger(),
        catalogue=bootstrap.catalogue(),
        issuer=paper_settings().issuer,
        draw=draw,
    )


@cache
def month_exports() -> MonthExports:
    """Return what a month of the books is exported from."""
    from marketplace.services.commission.month_exports import MonthExports

    return MonthExports(bootstrap.ledger(), bootstrap.revenue_books(), bootstrap.payments())


def draw_workbook(tables: Sequence[Table]) -> bytes:
    """Return tables as a workbook; only where the layer of papers is."""
    from marketplace.commission.papers.workbook import workbook

    return workbook(tables)


@cache
def payments() -> Payments:
    """Return the payments by QRIS."""
    from marketplace.payment.repository import Payments

    return Payments(bootstrap.store())


@cache
def payment_lists() -> PaymentLists:
    """Return the payments by QRIS in lists."""
    from marketplace.payment.lists import PaymentLists

    return PaymentLists(bootstrap.payments())


@cache
def payment_provider() -> PaymentProvider | None:
    """Return who takes payments, if the template names somebody."""
    from marketplace.payment.payment_settings import payment_settings

    named = payment_settings()
    if named.provider != "xendit":
        return None
    import msgspec

    from marketplace.payment.xendit import Secrets, Xendit

    secrets = Dependency("secretsmanager", bootstrap.client("secretsmanager"))

    @cache
    def known() -> Secrets:
        secret = secrets.call("get_secret_value", SecretId=named.secret_id)["SecretString"]
        return msgspec.json.decode(str(secret), type=Secrets)

    return Xendit(named.api_url, known)


@cache
def payment_commands() -> PaymentCommands:
    """Return what happens to payments."""
    from marketplace.services.commission.payments import PaymentCommands

    return PaymentCommands(
        bootstrap.store(),
        commissions=bootstrap.commissions(),
        payments=bootstrap.payments(),
        provider=bootstrap.payment_provider,
    )


@cache
def ledger() -> Ledger:
    """Return the ledger."""
    from marketplace.commission.ledger.repository import Ledger

    return Ledger(bootstrap.store())


@cache
def ledger_lists() -> LedgerLists:
    """Return the ledger in lists."""
    from marketplace.commission.ledger.lists import LedgerLists

    return LedgerLists(bootstrap.ledger())


@cache
def commission_lists() -> CommissionLists:
    """Return commission records in lists."""
    from marketplace.commission.lists import CommissionLists

    return CommissionLists(bootstrap.commissions())


@cache
def revenue_books() -> RevenueBooks:
    """Return what was earned, day by day."""
    from marketplace.commission.revenue.repository import RevenueBooks

    return RevenueBooks(bootstrap.store())
