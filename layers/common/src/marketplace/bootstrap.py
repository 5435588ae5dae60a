"""Cached factories: the only place where clients are made, and the only seam for tests.

One botocore session for the execution environment and one client a service, each made at its first use.
"""

from dataclasses import replace
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from marketplace.delivery import Delivery
from marketplace.domain.booking import Booking, BookingType
from marketplace.domain.caller import Caller, Role
from marketplace.domain.opening import Policy
from marketplace.domain.refusals import NotFound
from marketplace.domain.therapist import Therapist
from marketplace.edge.cursors import Cursors
from marketplace.edge.seal import Seal
from marketplace.messaging.business_events import BusinessEvents
from marketplace.messaging.parking import ParkedChanges
from marketplace.messaging.sockets import Sockets
from marketplace.messaging.uploads import Uploads
from marketplace.resilience import CONNECT_SECONDS, READ_SECONDS, Dependency
from marketplace.settings import settings
from marketplace.storage.attachments import Attachments
from marketplace.storage.audit_pass import AuditPass
from marketplace.storage.audits import Audits
from marketplace.storage.bank_details import BankDetailsVault
from marketplace.storage.bookings import Bookings
from marketplace.storage.catalogue import Catalogue
from marketplace.storage.chat_windows import ChatWindows
from marketplace.storage.commission_lists import CommissionLists
from marketplace.storage.commissions import Commissions
from marketplace.storage.connections import Connections
from marketplace.storage.error_log import ErrorLog
from marketplace.storage.history import History
from marketplace.storage.lists import BookingLists, RoomLists
from marketplace.storage.notices import Notices
from marketplace.storage.revenue import RevenueBooks
from marketplace.storage.rooms import Rooms
from marketplace.storage.sealing_key import read_sealing_key
from marketplace.storage.sign_outs import SignOuts
from marketplace.storage.store import Store
from marketplace.storage.tickets import UsedTickets
from marketplace.storage.vitals import Vitals
from marketplace.storage.watch import Watch


@cache
def session() -> botocore.session.Session:
    """Return the environment's one session."""
    return botocore.session.get_session()


def client_config() -> Config:
    """Return how every client behaves: one short attempt, for the retries are ours."""
    return Config(
        retries={"total_max_attempts": 1},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        parameter_validation=False,
        user_agent="marketplace",
        tcp_keepalive=True,
    )


@cache
def client(service: str, endpoint_url: str | None = None) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Return the client of a service."""
    return session().create_client(service, endpoint_url=endpoint_url, config=client_config())


@cache
def store() -> Store:
    """Return the tables of the stack."""
    return Store(Dependency("dynamodb", client("dynamodb")), settings().table_prefix)


@cache
def rooms() -> Rooms:
    """Return the rooms."""
    return Rooms(store())


@cache
def bookings() -> Bookings:
    """Return the bookings."""
    return Bookings(store(), rooms())


@cache
def commissions() -> Commissions:
    """Return the commission records."""
    return Commissions(store())


@cache
def commission_lists() -> CommissionLists:
    """Return commission records in lists."""
    return CommissionLists(commissions())


@cache
def revenue_books() -> RevenueBooks:
    """Return what was earned, day by day."""
    return RevenueBooks(store())


@cache
def audits() -> Audits:
    """Return the runs of the audit."""
    return Audits(store())


@cache
def audit_pass() -> AuditPass:
    """Return what carries a run of the audit on."""
    return AuditPass(store(), audits())


@cache
def bank_details_vault() -> BankDetailsVault:
    """Return the only reader of bank details."""
    return BankDetailsVault(Dependency("kms", client("kms")), settings().bank_details_key_id)


def bank_details_for(booking: Booking, therapist: Therapist | None) -> dict[str, str] | None:
    """Return the bank details that go into the acceptance of a scheduled booking, if the therapist has any."""
    if booking.booking_type is not BookingType.SCHEDULED or therapist is None or not therapist.encrypted_bank_details:
        return None
    return bank_details_vault().decrypt(therapist.therapist_id, therapist.encrypted_bank_details)


@cache
def catalogue() -> Catalogue:
    """Return therapists, hotels and discount codes."""
    return Catalogue(store())


def reader(caller: Caller) -> Caller:
    """Return a caller in the language that they read now: a therapist's own choice, else what their token says."""
    if caller.role is not Role.THERAPIST:
        return caller
    try:
        return replace(caller, language=catalogue().therapist(caller.user_id).language)
    except NotFound:
        return caller


@cache
def notices() -> Notices:
    """Return the notifications."""
    return Notices(store())


@cache
def connections() -> Connections:
    """Return the open sockets as the tables know them."""
    return Connections(store())


@cache
def chat_windows() -> ChatWindows:
    """Return the follower of chat windows."""
    return ChatWindows(store(), bookings(), rooms(), connections())


@cache
def attachments() -> Attachments:
    """Return what is known of shared files."""
    return Attachments(store())


@cache
def uploads() -> Uploads:
    """Return the bucket of shared files; links to encrypted files need the present kind of signature."""
    config = client_config().merge(Config(signature_version="s3v4"))
    s3 = session().create_client("s3", config=config)
    return Uploads(Dependency("s3", s3), settings().uploads_bucket)


@cache
def used_tickets() -> UsedTickets:
    """Return the memory of used tickets."""
    return UsedTickets(store())


@cache
def sign_outs() -> SignOuts:
    """Return who has been signed out everywhere."""
    return SignOuts(store())


@cache
def sockets() -> Sockets:
    """Return the open sockets as the gateway knows them."""
    return Sockets(client("apigatewaymanagementapi", settings().websocket_management_url))


@cache
def delivery() -> Delivery:
    """Return the way to connected people."""
    return Delivery(connections=connections(), chat_windows=chat_windows(), sockets=sockets())


@cache
def history() -> History:
    """Return the trail of every change."""
    return History(store())


@cache
def error_log() -> ErrorLog:
    """Return what has gone wrong."""
    return ErrorLog(store())


@cache
def watch() -> Watch:
    """Return the workload of all therapists."""
    return Watch(store())


@cache
def vitals() -> Vitals:
    """Return the rows that health is judged by."""
    return Vitals(store())


@cache
def business_events() -> BusinessEvents:
    """Return the event bus."""
    return BusinessEvents(Dependency("events", client("events")), settings().event_bus_name)


@cache
def parked_changes() -> ParkedChanges:
    """Return the queue of changes that could not be published."""
    return ParkedChanges(Dependency("sqs", client("sqs")), settings().parked_changes_queue_url)


@cache
def sealing_key() -> str:
    """Return the key behind seals and guest tokens."""
    return read_sealing_key(Dependency("secretsmanager", client("secretsmanager")), settings().sealing_secret_id)


@cache
def seal() -> Seal:
    """Return the stack's seal."""
    return Seal(sealing_key())


@cache
def cursors() -> Cursors:
    """Return the opener of cursors."""
    return Cursors(seal)


@cache
def booking_lists() -> BookingLists:
    """Return bookings in lists."""
    return BookingLists(bookings())


@cache
def room_lists() -> RoomLists:
    """Return rooms in lists."""
    return RoomLists(rooms())


@cache
def policy() -> Policy:
    """Return the parameters that bookings are made under."""
    return Policy(
        response_window=settings().response_window,
        commission_rate_bps=settings().commission_rate_bps,
        rate_limit_scale=settings().rate_limit_scale,
    )
