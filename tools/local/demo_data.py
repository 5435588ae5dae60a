"""The demo data: a city of therapists, places and hotels, codes and people who can sign in; it adds what is missing."""

from collections.abc import Mapping
from copy import replace
from typing import TYPE_CHECKING, Final

from marketplace.catalogue.discount.model import DiscountCode, DiscountKind
from marketplace.catalogue.place.hotel import Hotel
from marketplace.catalogue.repository import Catalogue
from marketplace.catalogue.therapist.bank_details import BankDetailsVault, masked
from marketplace.catalogue.therapist.model import MenuItem, Presence, Therapist, TherapistType
from marketplace.catalogue.therapist.opening_hours import WEEKDAYS, OpeningHours, Window
from marketplace.identity.staff.model import StaffMember
from marketplace.identity.staff.repository import Staff
from marketplace.platform.caller import SYSTEM, Duty
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.language import Language
from marketplace.platform.resilience import Dependency
from marketplace.services.catalogue.photos import Photos
from tools.local.city import people as demo_city
from tools.local.deployment import STACK_NAME
from tools.local.emulator import Emulator
from tools.local.outputs import User
from tools.local.photos import bucket_client, bucket_of

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

_EVERY_DAY: Final = OpeningHours(weekly={day: (Window(opens="09:00", closes="21:00"),) for day in WEEKDAYS})
_PRICES: Final = {"60": 250_000, "90": 350_000, "120": 450_000}


def _therapist(
    therapist_id: str, name: str, time_zone: str, *, therapist_type: TherapistType = TherapistType.THERAPIST
) -> Therapist:
    return Therapist(
        therapist_id=therapist_id,
        name=name,
        therapist_type=therapist_type,
        languages=("id", "en"),
        language=Language.INDONESIAN,
        time_zone=time_zone,
        opening_hours=_EVERY_DAY,
        menu=(
            MenuItem(service_id="balinese", name="Balinese massage", prices=_PRICES),
            MenuItem(service_id="deep-tissue", name="Deep tissue massage", prices=_PRICES),
        ),
        status=Presence.ONLINE,
        buffer_minutes=15,
        notice_minutes=60,
        horizon_days=30,
    )


THERAPISTS: Final = (
    _therapist("t-ayu", "Ayu Lestari", "Asia/Makassar"),
    _therapist("t-budi", "Budi Santoso", "Asia/Makassar"),
    _therapist("t-citra", "Citra Dewi", "Asia/Jakarta"),
    _therapist("p-ubud-spa", "Ubud Spa", "Asia/Makassar", therapist_type=TherapistType.PLACE),
)
HOTELS: Final = (
    Hotel(
        hotel_villa_id="h-tepi-sawah",
        name="Tepi Sawah Villas",
        address="Jalan Raya Goa Gajah, Ubud, Bali",
        time_zone="Asia/Makassar",
    ),
)
DISCOUNT_CODES: Final = (
    DiscountCode(discount_code="HEMAT10", kind=DiscountKind.SHARE, value=1_000),
    DiscountCode(discount_code="SEKALI", kind=DiscountKind.AMOUNT, value=50_000, max_uses=1),
)
EVERYBODY: Final = (*THERAPISTS, *demo_city.THERAPISTS)
"""Who can be booked, those that the contract names first."""
ROLES: Final = {
    **{therapist.therapist_id: "therapist" for therapist in EVERYBODY},
    "c-wayan": "customer",
    "a-admin": "admin",
    "a-finance": "admin",
    "a-support": "admin",
}
DUTIES: Final = {"a-admin": Duty.OWNER, "a-finance": Duty.FINANCE, "a-support": Duty.SUPPORT}
USERS: Final = {
    # Of no worth elsewhere: the emulator answers on 127.0.0.1 alone, and a deployment to AWS has no demo data.
    user_id: User(role=role, username=user_id, password=f"Marketplace-demo-{user_id}-1")
    for user_id, role in ROLES.items()
}


def bank_details_of(therapist: Therapist) -> dict[str, str]:
    """Return where a demo therapist's customers pay to."""
    position = next(n for n, each in enumerate(EVERYBODY) if each.therapist_id == therapist.therapist_id)
    return {
        "bankName": "Bank Nusantara",
        "accountNumber": f"12345678{position:02d}",
        "accountHolder": therapist.name,
    }


def seed(emulator: Emulator, *, user_pool_id: str, photos_url: str) -> None:
    """Add the demo data that is not there yet, photos at an address of the web client; what is there stays as it is."""
    dynamodb = emulator.session().client("dynamodb", endpoint_url=emulator.url)
    store = Store(Dependency("dynamodb", dynamodb), f"{STACK_NAME}-")
    catalogue = Catalogue(store)
    vault = BankDetailsVault(
        Dependency("kms", emulator.session().client("kms", endpoint_url=emulator.url)), _bank_details_key(emulator)
    )
    photos = Photos(
        Dependency("s3", bucket_client(emulator)), lambda: catalogue, bucket=bucket_of(emulator), url=photos_url
    )
    for therapist in EVERYBODY:
        catalogue.add_therapist(therapist)
        found = catalogue.therapist(therapist.therapist_id)
        if found.encrypted_bank_details is None:
            _add_bank_details(catalogue, vault, therapist)
        if found.photo_url is None:
            photos.publish(therapist.therapist_id, demo_city.photo_of(therapist), utc_now())
    for hotel in (*HOTELS, *demo_city.HOTELS):
        catalogue.add_hotel(hotel)
    for code in DISCOUNT_CODES:
        catalogue.add_discount_code(code)
    people = emulator.session().client("cognito-idp", endpoint_url=emulator.url)
    for user in USERS.values():
        add_user(people, user_pool_id=user_pool_id, user=user)
    add_staff(store, DUTIES)


def _bank_details_key(emulator: Emulator) -> str:
    cloudformation = emulator.session().client("cloudformation", endpoint_url=emulator.url)
    found = cloudformation.describe_stack_resource(StackName=STACK_NAME, LogicalResourceId="BankDetailsKey")
    return found["StackResourceDetail"]["PhysicalResourceId"]


def add_staff(store: Store, duties: Mapping[str, Duty]) -> None:
    """Give admins their duties; whoever is a member of staff already stays as they are."""
    staff, now = Staff(store), utc_now()
    for user_id, duty in duties.items():
        found, owners = staff.load(user_id)
        if found is not None:
            continue
        member = StaffMember(
            user_id=user_id,
            name=user_id,
            email=f"{user_id}@example.com",
            duties=(duty,),
            created_at=now,
            updated_at=now,
        )
        becoming = Staff.saving_owners(owners.after(member), owners) if member.is_active_owner else []
        store.transact([Staff.saving(member, read_version=0), *becoming])


def _add_bank_details(catalogue: Catalogue, vault: BankDetailsVault, therapist: Therapist) -> None:
    details = bank_details_of(therapist)
    encrypted = vault.encrypt(therapist.therapist_id, details)
    catalogue.change_therapist(
        therapist.therapist_id,
        lambda found: replace(found, encrypted_bank_details=encrypted, masked_bank_details=masked(details)),
        by=SYSTEM,
        now=utc_now(),
    )


def add_user(people: "CognitoIdentityProviderClient", *, user_pool_id: str, user: User) -> None:
    """Add a user who can sign in at once, in the group of their role; an existing one keeps group and password."""
    try:
        people.admin_create_user(
            UserPoolId=user_pool_id,
            Username=user.username,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": f"{user.username}@example.com"},
                {"Name": "email_verified", "Value": "true"},
                {"Name": "locale", "Value": "id" if user.role == "therapist" else "en"},
            ],
        )
    except people.exceptions.UsernameExistsException:
        return
    people.admin_add_user_to_group(UserPoolId=user_pool_id, Username=user.username, GroupName=user.role)
    people.admin_set_user_password(
        UserPoolId=user_pool_id, Username=user.username, Password=user.password, Permanent=True
    )
