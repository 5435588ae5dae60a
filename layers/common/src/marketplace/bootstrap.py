"""Cached factories: the only place where clients are made, and the only seam for tests.

One botocore session for the execution environment and one client a service, each made at its first use.
What a factory makes is imported by the factory, so that a function pays for nothing it does not use.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST, REGISTER_LAST

from marketplace.platform.dynamodb.store import Store
from marketplace.platform.resilience import CONNECT_SECONDS, READ_SECONDS, Dependency
from marketplace.platform.runtime.snapshots import prepare_for_snapshots
from marketplace.platform.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from marketplace.booking.holds import Holds
    from marketplace.booking.lists import BookingLists
    from marketplace.booking.model import Booking
    from marketplace.booking.repository import Bookings
    from marketplace.catalogue.document.repository import Documents
    from marketplace.catalogue.favourites import Favourites
    from marketplace.catalogue.policy.repository import Policies
    from marketplace.catalogue.repository import Catalogue
    from marketplace.catalogue.search import TherapistSearch
    from marketplace.catalogue.therapist.bank_details import BankDetailsVault
    from marketplace.catalogue.therapist.model import Therapist
    from marketplace.catalogue.therapist.presence import Presence
    from marketplace.chat.attachments.repository import Attachments
    from marketplace.chat.attachments.uploads import Uploads
    from marketplace.chat.lists import RoomLists
    from marketplace.chat.repository import Rooms
    from marketplace.commission.ledger.lists import LedgerLists
    from marketplace.commission.ledger.repository import Ledger
    from marketplace.commission.lists import CommissionLists
    from marketplace.commission.papers.repository import Papers
    from marketplace.commission.repository import Commissions
    from marketplace.commission.revenue.repository import RevenueBooks
    from marketplace.identity.allowances import Allowance, Allowances
    from marketplace.identity.connections import Connections, FirstFrames
    from marketplace.identity.sign_ins import SignIns
    from marketplace.identity.sign_outs import SignOuts
    from marketplace.identity.signing_key import SigningKeys
    from marketplace.identity.staff.repository import Staff
    from marketplace.identity.ticket_repository import UsedTickets
    from marketplace.identity.tokens import TokenReader
    from marketplace.identity.user_pool import UserPool
    from marketplace.moderation.repository import Reports
    from marketplace.notification.business_events import BusinessEvents
    from marketplace.notification.channels.model import Gateway
    from marketplace.notification.channels.push_subscriptions import PushSubscriptions
    from marketplace.notification.delivery import Channel
    from marketplace.notification.delivery_repository import Deliveries, DeliveryQueues
    from marketplace.notification.repository import Notices
    from marketplace.notification.webhooks.repository import WebhookDeliveries, Webhooks
    from marketplace.operations.errors.repository import ErrorLog
    from marketplace.operations.evidence import EvidenceRoom
    from marketplace.operations.health.repository import Vitals
    from marketplace.operations.privacy.erasure import Erasure
    from marketplace.operations.proof_of_books.proving import Prover
    from marketplace.operations.proof_of_books.repository import Proofs
    from marketplace.operations.reconciliation.audit_pass import AuditPass
    from marketplace.operations.reconciliation.repository import Audits
    from marketplace.operations.reconciliation.runs import AuditRuns
    from marketplace.operations.test_booking.repository import TestBookings
    from marketplace.operations.workload import Watch
    from marketplace.payment.provider import PaymentProvider
    from marketplace.payment.repository import Payments
    from marketplace.platform.api.cursors import Cursors
    from marketplace.platform.aws.alarms import AlarmTopic
    from marketplace.platform.aws.dead_letters import ParkedChanges
    from marketplace.platform.aws.sockets import Sockets
    from marketplace.platform.caller import Caller
    from marketplace.platform.dynamodb.audit_log import History
    from marketplace.platform.limits import Limit
    from marketplace.platform.signing import Signer
    from marketplace.services.booking.bookings import BookingCommands
    from marketplace.services.booking.calendar_feeds import CalendarFeeds
    from marketplace.services.booking.missed_offers import MissedOffers
    from marketplace.services.booking.new_bookings import NewBookings
    from marketplace.services.booking.offers import OfferCommands
    from marketplace.services.booking.quotes import Quotes
    from marketplace.services.booking.rescue import Rescue
    from marketplace.services.booking.reviews import Reviews
    from marketplace.services.catalogue.desk import TherapistCommands
    from marketplace.services.catalogue.documents import DocumentCommands
    from marketplace.services.catalogue.photos import Photos
    from marketplace.services.catalogue.policies import PolicyCommands
    from marketplace.services.catalogue.policy_replay import PolicyReplay
    from marketplace.services.chat.chat_windows import ChatWindows
    from marketplace.services.chat.files import Files
    from marketplace.services.chat.moderation import Moderation
    from marketplace.services.chat.room_presence import RoomPresence
    from marketplace.services.chat.rooms import RoomCommands
    from marketplace.services.commission.commissions import CommissionCommands
    from marketplace.services.commission.papers import PaperCommands
    from marketplace.services.commission.payments import PaymentCommands
    from marketplace.services.commission.proofs import ProofCommands
    from marketplace.services.identity.guest_codes import GuestCodes
    from marketplace.services.identity.sessions import Sessions
    from marketplace.services.identity.staff import StaffCommands
    from marketplace.services.notification.contacts import Contacts
    from marketplace.services.notification.delivery import Delivery
    from marketplace.services.notification.notices import Rings
    from marketplace.services.notification.reach import Reach
    from marketplace.services.notification.reach_planning import ReachPlanner
    from marketplace.services.notification.webhooks import WebhookCommands, WebhookPlanner, WebhookSender


@cache
def session() -> botocore.session.Session:
    """Return the environment's one session, with the handlers that botocore has for every service."""
    made = botocore.session.Session(include_builtin_handlers=False)
    _register_handlers(made, None)
    return made


@cache  # registered twice, they would act twice
def _register_handlers(made: botocore.session.Session, service: str | None) -> None:
    """Register what botocore does itself for a service, or for all (none): those of other services cost a start.

    Those that write documentation are left out.
    """
    emitter = made.get_component("event_emitter")
    register = {None: emitter.register, REGISTER_FIRST: emitter.register_first, REGISTER_LAST: emitter.register_last}
    of_service = None if service is None else _NAMES_IN_EVENTS.get(service, service)
    for event, handler, *order in BUILTIN_HANDLERS:
        kind, _, rest = event.partition(".")
        if kind != "docs" and (rest.partition(".")[0] or None) == of_service:
            register[order[0] if order else None](event, handler)


_NAMES_IN_EVENTS: Final = {"events": "eventbridge", "secretsmanager": "secrets-manager"}
"""Services by botocore's names that have another one in its events."""


_made: list[Any] = []
"""Every client of the environment, whose connections a snapshot must not keep."""


def _noted(made: Any) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    _made.append(made)
    return made


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
    return _client(service, endpoint_url=endpoint_url, config=client_config())


def _client(service: str, *, config: Config, endpoint_url: str | None = None) -> Any:  # noqa: ANN401 - as client()
    _register_handlers(session(), service)
    return session().create_client(service, endpoint_url=endpoint_url, config=config)


@cache
def store() -> Store:
    """Return the tables of the stack."""
    return Store(Dependency("dynamodb", client("dynamodb")), settings().table_prefix)


@cache
def rooms() -> Rooms:
    """Return the rooms."""
    from marketplace.chat.repository import Rooms

    return Rooms(store(), settings().chat_retention)


@cache
def bookings() -> Bookings:
    """Return the bookings."""
    from marketplace.booking.repository import Bookings

    return Bookings(store())


@cache
def holds() -> Holds:
    """Return the time of therapists that bookings hold."""
    from marketplace.booking.holds import Holds

    return Holds(store(), bookings())


@cache
def new_bookings() -> NewBookings:
    """Return the opening of bookings."""
    from marketplace.services.booking.new_bookings import NewBookings

    return NewBookings(store(), rooms=rooms(), policies=policies(), limit_scale=settings().rate_limit_scale)


@cache
def quotes() -> Quotes:
    """Return the prices of visits that nobody has ordered yet."""
    from marketplace.services.booking.quotes import Quotes

    return Quotes(catalogue(), allowances(), limit_scale=settings().rate_limit_scale)


@cache
def booking_commands() -> BookingCommands:
    """Return the commands on bookings."""
    from marketplace.services.booking.bookings import BookingCommands

    return BookingCommands(
        store(),
        bookings=bookings(),
        holds=holds(),
        rooms=rooms(),
        commissions=commissions(),
        policies=policies(),
        bank_details_of=bank_details_for,
        start_code_tries=start_code_tries,
    )


@cache
def room_commands() -> RoomCommands:
    """Return the commands in rooms."""
    from marketplace.services.chat.rooms import RoomCommands

    return RoomCommands(
        store(), rooms=rooms(), policies=policies(), attachments=attachments, uploads=uploads, delivery=delivery
    )


@cache
def reports() -> Reports:
    """Return what people have reported."""
    from marketplace.moderation.repository import Reports

    return Reports(store())


@cache
def moderation() -> Moderation:
    """Return the use cases of safety."""
    from marketplace.services.chat.moderation import Moderation

    return Moderation(store(), rooms=rooms(), reports=reports(), therapists=therapist_commands, delivery=delivery)


@cache
def evidence() -> EvidenceRoom:
    """Return what writes rooms down as evidence; only where the template names the key that signs."""
    from marketplace.operations.evidence import EvidenceRoom

    return EvidenceRoom(rooms(), history(), Dependency("kms", client("kms")), os.environ["PROOF_KEY_ID"])


@cache
def alarm_topic() -> AlarmTopic:
    """Return the topic that wakes somebody; only where the template names it."""
    from marketplace.platform.aws.alarms import AlarmTopic

    return AlarmTopic(Dependency("sns", client("sns")), os.environ["ALARM_TOPIC_ARN"])


@cache
def room_presence() -> RoomPresence:
    """Return who of a room's parties is here."""
    from marketplace.services.chat.room_presence import RoomPresence

    return RoomPresence(store(), connections())


@cache
def commission_commands() -> CommissionCommands:
    """Return the commands on commissions."""
    from marketplace.services.commission.commissions import CommissionCommands

    return CommissionCommands(store(), commissions(), ledger(), policies())


@cache
def proof_commands() -> ProofCommands:
    """Return the commands of therapists who pay a commission."""
    from marketplace.services.commission.proofs import ProofCommands

    return ProofCommands(store(), commissions=commissions(), attachments=attachments(), files=files)


@cache
def rings() -> Rings:
    """Return the rings of offers that stand."""
    from marketplace.services.notification.notices import Rings

    return Rings(store(), bookings())


@cache
def commissions() -> Commissions:
    """Return the commission records."""
    from marketplace.commission.repository import Commissions

    return Commissions(store())


@cache
def papers() -> Papers:
    """Return the papers that were issued."""
    from marketplace.commission.papers.repository import Papers
    from marketplace.commission.papers.settings import paper_settings

    return Papers(store(), Dependency("s3", file_client()), paper_settings().bucket)


@cache
def paper_commands() -> PaperCommands:
    """Return what issues papers; only where the layer of papers is."""
    from marketplace.commission.papers.settings import paper_settings
    from marketplace.services.commission.papers import Draw, PaperCommands

    def draw() -> Draw:
        from marketplace.commission.papers.drawing import drawn

        return drawn

    return PaperCommands(
        papers=papers(),
        bookings=bookings(),
        commissions=commissions(),
        ledger=ledger(),
        catalogue=catalogue(),
        issuer=paper_settings().issuer,
        draw=draw,
    )


@cache
def proofs() -> Proofs:
    """Return the proofs of the books."""
    from marketplace.operations.proof_of_books.repository import Proofs

    return Proofs(store())


@cache
def prover() -> Prover:
    """Return what proves the books."""
    from marketplace.operations.proof_of_books.proving import Prover

    return Prover(proofs(), Dependency("kms", client("kms")), os.environ.get("PROOF_KEY_ID", ""))


@cache
def payments() -> Payments:
    """Return the payments by QRIS."""
    from marketplace.payment.repository import Payments

    return Payments(store())


@cache
def payment_provider() -> PaymentProvider | None:
    """Return who takes payments, if the template names somebody."""
    from marketplace.payment.payment_settings import payment_settings

    named = payment_settings()
    if named.provider != "xendit":
        return None
    import msgspec

    from marketplace.payment.xendit import Secrets, Xendit

    secrets = Dependency("secretsmanager", client("secretsmanager"))

    @cache
    def known() -> Secrets:
        secret = secrets.call("get_secret_value", SecretId=named.secret_id)["SecretString"]
        return msgspec.json.decode(str(secret), type=Secrets)

    return Xendit(named.api_url, known)


@cache
def payment_commands() -> PaymentCommands:
    """Return what happens to payments."""
    from marketplace.services.commission.payments import PaymentCommands

    return PaymentCommands(store(), commissions=commissions(), payments=payments(), provider=payment_provider)


@cache
def ledger() -> Ledger:
    """Return the ledger."""
    from marketplace.commission.ledger.repository import Ledger

    return Ledger(store())


@cache
def ledger_lists() -> LedgerLists:
    """Return the ledger in lists."""
    from marketplace.commission.ledger.lists import LedgerLists

    return LedgerLists(ledger())


@cache
def commission_lists() -> CommissionLists:
    """Return commission records in lists."""
    from marketplace.commission.lists import CommissionLists

    return CommissionLists(commissions())


@cache
def revenue_books() -> RevenueBooks:
    """Return what was earned, day by day."""
    from marketplace.commission.revenue.repository import RevenueBooks

    return RevenueBooks(store())


@cache
def audits() -> Audits:
    """Return the runs of the audit."""
    from marketplace.operations.reconciliation.repository import Audits

    return Audits(store())


@cache
def audit_pass() -> AuditPass:
    """Return what carries a run of the audit on."""
    from marketplace.operations.reconciliation.audit_pass import AuditPass

    return AuditPass(store(), audits())


@cache
def audit_runs() -> AuditRuns:
    """Return what begins and finishes runs of the audit."""
    from marketplace.operations.reconciliation.runs import AuditRuns

    return AuditRuns(audits(), audit_pass(), commission_commands())


@cache
def bank_details_vault() -> BankDetailsVault:
    """Return the only reader of bank details."""
    from marketplace.catalogue.therapist.bank_details import BankDetailsVault

    return BankDetailsVault(Dependency("kms", client("kms")), settings().bank_details_key_id)


def bank_details_for(booking: Booking, therapist: Therapist | None) -> dict[str, str] | None:
    """Return the bank details that go into the acceptance of a scheduled booking, if the therapist has any."""
    from marketplace.booking.model import BookingType

    if booking.booking_type is not BookingType.SCHEDULED or therapist is None or not therapist.encrypted_bank_details:
        return None
    return bank_details_vault().decrypt(therapist.therapist_id, therapist.encrypted_bank_details)


@cache
def catalogue() -> Catalogue:
    """Return therapists, hotels and discount codes."""
    from marketplace.catalogue.repository import Catalogue

    return Catalogue(store())


def reader(caller: Caller) -> Caller:
    """Return a caller in the language that they read now: a therapist's own choice, else what their token says."""
    from copy import replace

    from marketplace.platform.caller import Role
    from marketplace.platform.refusals import NotFound

    if caller.role is not Role.THERAPIST:
        return caller
    try:
        return replace(caller, language=catalogue().therapist(caller.user_id).language)
    except NotFound:
        return caller


@cache
def notices() -> Notices:
    """Return the notifications."""
    from marketplace.notification.repository import Notices

    return Notices(store())


@cache
def connections() -> Connections:
    """Return the open sockets as the tables know them."""
    from marketplace.identity.connections import Connections

    return Connections(store())


@cache
def first_frames() -> FirstFrames:
    """Return the judge of connections that send for the first time."""
    from marketplace.identity.connections import FirstFrames

    return FirstFrames(connections())


@cache
def chat_windows() -> ChatWindows:
    """Return the follower of chat windows."""
    from marketplace.services.chat.chat_windows import ChatWindows

    return ChatWindows(store(), rooms(), connections())


@cache
def attachments() -> Attachments:
    """Return what is known of shared files."""
    from marketplace.chat.attachments.repository import Attachments

    return Attachments(store())


@cache
def files() -> Files:
    """Return what judges uploads; only where the layer of images is."""
    from marketplace.services.chat.files import Files

    return Files(attachments(), uploads(), settings().media_retention, photos)


def file_client() -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Return a client of S3 whose links work.

    Links to encrypted files need the present kind of signature. Their host is the bucket's in its region: the global
    one, which botocore would sign for, is answered with 400 by regions that were opened since 2019.
    """
    here = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
    return _client("s3", config=client_config().merge(here))


@cache
def photos() -> Photos:
    """Return what publishes photos; only where the layer of images is, and their bucket is named."""
    from marketplace.services.catalogue.photos import Photos

    bucket, url = os.environ["PHOTOS_BUCKET"], os.environ["PHOTOS_URL"]
    return Photos(uploads().s3, catalogue, bucket=bucket, url=url)


@cache
def uploads() -> Uploads:
    """Return the bucket of shared files."""
    from marketplace.chat.attachments.uploads import Uploads

    return Uploads(Dependency("s3", file_client()), settings().uploads_bucket)


@cache
def used_tickets() -> UsedTickets:
    """Return the memory of used tickets."""
    from marketplace.identity.ticket_repository import UsedTickets

    return UsedTickets(store())


@cache
def allowances() -> Allowances:
    """Return everybody's counts against abuse limits."""
    from marketplace.identity.allowances import Allowances

    return Allowances(store())


def allowance(limit: Limit, who: str, now: datetime) -> Allowance:
    """Return what somebody may still do within a limit, as the template scales it."""
    from marketplace.identity.allowances import Allowance

    return Allowance(limit=limit, who=who, scale=settings().rate_limit_scale, now=now)


def start_code_tries(booking_id: str, now: datetime) -> Allowance:
    """Return what may still be tried of a booking's start code, which no deployment scales."""
    from marketplace.identity.allowances import Allowance
    from marketplace.platform.limits import START_CODES

    return Allowance(limit=START_CODES, who=booking_id, scale=1, now=now)


@cache
def calendar_feeds() -> CalendarFeeds:
    """Return the feeds of therapists' visits."""
    from marketplace.services.booking.calendar_feeds import CalendarFeeds

    return CalendarFeeds(store(), bookings())


@cache
def missed_offers() -> MissedOffers:
    """Return what follows from offers that nobody answered."""
    from marketplace.services.booking.missed_offers import MissedOffers

    return MissedOffers(bookings=bookings(), catalogue=catalogue(), policies=policies())


@cache
def rescue() -> Rescue:
    """Return what finds somebody else for a booking whose therapist fell away."""
    from marketplace.services.booking.rescue import Rescue

    return Rescue(bookings=bookings(), catalogue=catalogue(), holds=holds(), policies=policies())


@cache
def favourites() -> Favourites:
    """Return whom customers like to find again."""
    from marketplace.catalogue.favourites import Favourites

    return Favourites(store())


@cache
def reviews() -> Reviews:
    """Return the reviews of visits."""
    from marketplace.services.booking.reviews import Reviews

    return Reviews(store())


@cache
def policy_replay() -> PolicyReplay:
    """Return what tries policies out on the bookings of the last days."""
    from marketplace.services.catalogue.policy_replay import PolicyReplay

    return PolicyReplay(bookings(), policies())


@cache
def sessions() -> Sessions:
    """Return what ends sessions."""
    from marketplace.services.identity.sessions import Sessions

    return Sessions(sign_outs(), connections(), sockets())


@cache
def erasure() -> Erasure:
    """Return what forgets customers."""
    from marketplace.operations.privacy.erasure import Erasure
    from marketplace.platform.signing import pseudonym

    return Erasure(
        store(), commissions(), history(), attachments(), uploads(), lambda number: pseudonym(number, sealing_key())
    )


@cache
def staff() -> Staff:
    """Return the members of staff."""
    from marketplace.identity.staff.repository import Staff

    return Staff(store())


@cache
def staff_commands() -> StaffCommands:
    """Return the use cases of staff."""
    from marketplace.services.identity.staff import StaffCommands

    return StaffCommands(store(), staff(), sign_ins(), sign_outs())


@cache
def therapist_commands() -> TherapistCommands:
    """Return what admins do to therapists."""
    from marketplace.services.catalogue.desk import TherapistCommands

    return TherapistCommands(store(), catalogue(), sign_ins(), bookings=booking_commands, lists=booking_lists)


@cache
def therapist_search() -> TherapistSearch:
    """Return the search of the catalogue, with its copy in memory."""
    from marketplace.catalogue.search import TherapistSearch

    return TherapistSearch(store())


@cache
def documents() -> Documents:
    """Return the papers of therapists."""
    from marketplace.catalogue.document.repository import Documents

    return Documents(store())


@cache
def document_commands() -> DocumentCommands:
    """Return the use cases of therapists' papers."""
    from marketplace.services.catalogue.documents import DocumentCommands

    return DocumentCommands(store(), documents=documents(), catalogue=catalogue(), attachments=attachments, files=files)


@cache
def offer_commands() -> OfferCommands:
    """Return what admins do to hotels and discount codes."""
    from marketplace.services.booking.offers import OfferCommands

    return OfferCommands(store(), catalogue())


@cache
def sign_ins() -> SignIns:
    """Return the sign-ins that admins have handed out."""
    from marketplace.identity.sign_ins import SignIns

    return SignIns(store())


@cache
def user_pool() -> UserPool:
    """Return the user pool as we administer it."""
    from marketplace.identity.user_pool import UserPool

    return UserPool(Dependency("cognito", client("cognito-idp")), settings().user_pool_id)


@cache
def policies() -> Policies:
    """Return the versions of the policy; version 0 is the template's parameters."""
    from marketplace.catalogue.policy.model import Policy
    from marketplace.catalogue.policy.repository import Policies

    first = Policy(
        response_window_seconds=int(settings().response_window.total_seconds()),
        commission_rate_bps=settings().commission_rate_bps,
        commission_due_days=settings().commission_due_days,
    )
    return Policies(store(), first)


@cache
def policy_commands() -> PolicyCommands:
    """Return the use cases of policies."""
    from marketplace.services.catalogue.policies import PolicyCommands

    return PolicyCommands(store(), policies())


@cache
def sign_outs() -> SignOuts:
    """Return who has been signed out everywhere."""
    from marketplace.identity.sign_outs import SignOuts

    return SignOuts(store())


@cache
def sockets() -> Sockets:
    """Return the open sockets as the gateway knows them."""
    from marketplace.platform.aws.sockets import Sockets

    return Sockets(client("apigatewaymanagementapi", settings().websocket_management_url))


@cache
def delivery() -> Delivery:
    """Return the way to connected people."""
    from marketplace.services.notification.delivery import Delivery

    return Delivery(connections=connections(), chat_windows=chat_windows(), sockets=sockets())


@cache
def history() -> History:
    """Return the trail of every change."""
    from marketplace.platform.dynamodb.audit_log import History

    return History(store())


@cache
def error_log() -> ErrorLog:
    """Return what has gone wrong."""
    from marketplace.operations.errors.repository import ErrorLog

    return ErrorLog(store())


@cache
def test_bookings() -> TestBookings:
    """Return the test bookings."""
    from marketplace.operations.test_booking.repository import TestBookings

    return TestBookings(store(), catalogue())


@cache
def presence() -> Presence:
    """Return who of the therapists is here."""
    from marketplace.catalogue.therapist.presence import Presence

    return Presence(store())


@cache
def watch() -> Watch:
    """Return the workload of all therapists."""
    from marketplace.operations.workload import Watch

    return Watch(store())


@cache
def vitals() -> Vitals:
    """Return the rows that health is judged by."""
    from marketplace.operations.health.repository import Vitals

    return Vitals(store())


@cache
def business_events() -> BusinessEvents:
    """Return the event bus."""
    from marketplace.notification.business_events import BusinessEvents

    return BusinessEvents(Dependency("events", client("events")), settings().event_bus_name)


@cache
def parked_changes() -> ParkedChanges:
    """Return the queue of changes that could not be published."""
    from marketplace.platform.aws.dead_letters import ParkedChanges

    return ParkedChanges(Dependency("sqs", client("sqs")), settings().parked_changes_queue_url)


@cache
def signing_keys() -> SigningKeys:
    """Return the keys behind seals and guest tokens: the present one, and the one before it."""
    from marketplace.identity.signing_key import SigningKeys, reader

    secrets = Dependency("secretsmanager", client("secretsmanager"))
    return SigningKeys(reader(secrets, settings().sealing_secret_id))


def sealing_key() -> str:
    """Return the key that seals and guest tokens are signed with now."""
    return signing_keys().current()


@cache
def seal() -> Signer:
    """Return the stack's seal."""
    from marketplace.platform.signing import Signer

    return Signer(sealing_key, signing_keys().accepted)


@cache
def token_reader() -> TokenReader:
    """Return the reader of tokens; it keeps the user pool's keys. Only where the layer of tokens is."""
    from marketplace.identity.token_keys import TokenKeys, fetcher
    from marketplace.identity.tokens import TokenReader

    return TokenReader(
        guest_keys=lambda: signing_keys().accepted(),
        pool_keys=TokenKeys(fetcher(settings().token_keys_url)).find,
        issuer=settings().token_issuer,
        client_id=settings().user_pool_client_id,
    )


@cache
def guest_codes() -> GuestCodes:
    """Return the codes of telephone numbers."""
    from marketplace.services.identity.guest_codes import GuestCodes

    return GuestCodes(store(), lambda: signing_keys().accepted())


@cache
def deliveries() -> Deliveries:
    """Return every delivery."""
    from marketplace.notification.delivery_repository import Deliveries

    return Deliveries(store())


@cache
def delivery_queues() -> DeliveryQueues:
    """Return the queues of the channels."""
    from marketplace.notification.delivery_repository import DeliveryQueues
    from marketplace.notification.reach_settings import reach_settings

    return DeliveryQueues(Dependency("sqs", client("sqs")), reach_settings().queues)


@cache
def gateway(channel: Channel) -> Gateway | None:
    """Return the provider of a channel, nothing where the channel is off."""
    from marketplace.notification.delivery import Channel
    from marketplace.notification.reach_settings import reach_settings

    reach = reach_settings()
    if channel is Channel.WHATS_APP and reach.whats_app_number_id:
        from marketplace.notification.channels.whats_app import WhatsApp

        return WhatsApp(reach.whats_app_api_url, reach.whats_app_number_id, whats_app_token)
    if channel is Channel.SMS and reach.sms_sender:
        from marketplace.notification.channels.sms import Sms

        return Sms(_provider("sns", reach.sms_api_url), reach.sms_sender)
    if channel is Channel.EMAIL and reach.email_sender:
        from marketplace.notification.channels.email import Email

        return Email(_provider("sesv2", reach.email_api_url), reach.email_sender)
    if channel is Channel.PUSH and reach.push_secret_id:
        from marketplace.notification.channels.push import Push

        return Push(push_subscriptions(), push_key, contact=reach.push_contact, on_laptop=reach.on_laptop)
    return None


@cache
def push_key() -> EllipticCurvePrivateKey:
    """Return the key by which push services know us; only where the layer of tokens is."""
    from marketplace.notification.channels.push_keys import key_from
    from marketplace.notification.reach_settings import reach_settings

    return key_from(_secret(reach_settings().push_secret_id))


@cache
def push_subscriptions() -> PushSubscriptions:
    """Return everybody's subscriptions to push messages."""
    from marketplace.notification.channels.push_subscriptions import PushSubscriptions

    return PushSubscriptions(store())


@cache
def contacts() -> Contacts:
    """Return how people wish to be reached."""
    from marketplace.notification.preferences import PreferenceBook
    from marketplace.notification.reach_settings import reach_settings
    from marketplace.services.notification.contacts import Contacts

    return Contacts(PreferenceBook(store()), push_subscriptions(), on_laptop=reach_settings().on_laptop)


@cache
def webhooks() -> Webhooks:
    """Return the webhooks of other systems."""
    from marketplace.notification.webhooks.repository import Webhooks

    return Webhooks(store())


@cache
def webhook_deliveries() -> WebhookDeliveries:
    """Return what webhooks are told."""
    from marketplace.notification.webhooks.repository import WebhookDeliveries

    return WebhookDeliveries(store())


@cache
def webhook_commands() -> WebhookCommands:
    """Return what staff do with webhooks."""
    from marketplace.notification.reach_settings import reach_settings
    from marketplace.services.notification.webhooks import WebhookCommands

    return WebhookCommands(store(), webhooks(), webhook_deliveries(), on_laptop=reach_settings().on_laptop)


@cache
def webhook_planner() -> WebhookPlanner:
    """Return what plans telling other systems of events."""
    from marketplace.services.notification.webhooks import WebhookPlanner

    return WebhookPlanner(webhooks(), webhook_deliveries())


@cache
def webhook_sender() -> WebhookSender:
    """Return what tells other systems."""
    from marketplace.notification.reach_settings import reach_settings
    from marketplace.services.notification.webhooks import WebhookQueue, WebhookSender

    queue = WebhookQueue(Dependency("sqs", client("sqs")), reach_settings().webhook_queue)
    return WebhookSender(store(), webhooks(), webhook_deliveries(), queue, on_laptop=reach_settings().on_laptop)


@cache
def reach_planner() -> ReachPlanner:
    """Return what plans messages to people who are not looking."""
    from marketplace.services.notification.reach_planning import ReachPlanner

    return ReachPlanner(deliveries(), bookings())


def _secret(secret_id: str) -> str:
    secrets = Dependency("secretsmanager", client("secretsmanager"))
    return str(secrets.call("get_secret_value", SecretId=secret_id, VersionStage="AWSCURRENT")["SecretString"])


def _provider(service: str, url: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Return the client of a service that reaches people: it may take longer than one that a person waits for."""
    from marketplace.notification.channels.model import TIMEOUT_SECONDS

    patient = client_config().merge(Config(read_timeout=TIMEOUT_SECONDS))
    return _client(service, config=patient, endpoint_url=url or None)


@cache
def whats_app_token() -> str:
    """Return the access token of the WhatsApp number."""
    from marketplace.notification.reach_settings import reach_settings

    return _secret(reach_settings().whats_app_secret_id)


@cache
def reach() -> Reach:
    """Return the way of deliveries to people."""
    from marketplace.services.notification.occasions import Occasions
    from marketplace.services.notification.reach import Reach

    return Reach(
        store(),
        deliveries(),
        delivery_queues(),
        Occasions(store(), sealing_key, lambda user_id: user_pool().verified_email_of(user_id)),
        gateway,
    )


@cache
def cursors() -> Cursors:
    """Return the opener of cursors."""
    from marketplace.platform.api.cursors import Cursors

    return Cursors(seal)


@cache
def booking_lists() -> BookingLists:
    """Return bookings in lists."""
    from marketplace.booking.lists import BookingLists

    return BookingLists(bookings())


@cache
def room_lists() -> RoomLists:
    """Return rooms in lists."""
    from marketplace.chat.lists import RoomLists

    return RoomLists(rooms())


def make_at_start(factory: Callable[[], object]) -> None:
    """Make in the init phase what every call of a function needs: Lambda gives a start more CPU than a call.

    Elsewhere modules of functions are imported where nothing of a stack is known, and all is made at its first use.
    """
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        factory()


make_at_start(store)
prepare_for_snapshots(lambda: _made)
