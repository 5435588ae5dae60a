"""The demo city: therapists and a place around Ubud and the coast, and hotels, beside those that the contract names."""

from collections.abc import Mapping
from copy import replace
from typing import Any, Final

from marketplace.catalogue.place.hotel import Hotel
from marketplace.catalogue.place.hotel_requests import NewHotel
from marketplace.catalogue.therapist.model import PaymentMethod, Presence, Therapist
from marketplace.catalogue.therapist.requests import NewTherapist
from marketplace.platform.api.request_model import parse
from tools.local.city.portraits import house, portrait

_ZONE: Final = "Asia/Makassar"
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PLACES: Final = {
    "ubud": (-8.5069, 115.2625),
    "canggu": (-8.6478, 115.1385),
    "seminyak": (-8.6913, 115.1682),
    "sanur": (-8.6878, 115.2607),
    "uluwatu": (-8.8291, 115.0849),
}
_LONG_HAIRED: Final = frozenset({"t-ayu", "t-citra", "t-dewi", "t-kadek", "t-luh", "t-putu", "t-ratna"})


def _open(opens: str, closes: str, *, off: tuple[str, ...] = ()) -> dict[str, Any]:
    return {day: [{"opens": opens, "closes": closes}] for day in _DAYS if day not in off}


def _service(service_id: str, name: str, *prices: int) -> dict[str, Any]:
    return {"serviceId": service_id, "name": name, "prices": dict(zip(("60", "90", "120"), prices, strict=False))}


def _person(name: str, where: str, radius_km: int, biography: tuple[str, str], **differing: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the body
    latitude, longitude = _PLACES[where]
    return {
        "name": name,
        "type": "therapist",
        "timeZone": _ZONE,
        "languages": ["id", "en"],
        "openingHours": _open("09:00", "21:00"),
        "serviceArea": {"latitude": latitude, "longitude": longitude, "radiusKm": radius_km},
        "biography": {"en": biography[0], "id": biography[1]},
        **differing,
    }


_BODIES: Final[Mapping[str, dict[str, Any]]] = {
    "t-dewi": _person(
        *("Dewi Anjani", "seminyak", 10),
        ("Balinese massage with warm oil, twelve years.", "Pijat Bali dengan minyak hangat, dua belas tahun."),
        menu=[
            _service("balinese", "Balinese massage", 230_000, 320_000, 410_000),
            _service("hot-stone", "Hot stone massage", 300_000, 420_000, 540_000),
        ],
    ),
    "t-eka": _person(
        *("Eka Pratama", "canggu", 8),
        (
            "Sports and deep tissue, for surfers above all.",
            "Pijat olahraga dan deep tissue, terutama untuk peselancar.",
        ),
        menu=[_service("sports", "Sports massage", 280_000, 390_000, 500_000)],
        openingHours=_open("07:00", "19:00"),
    ),
    "t-gede": _person(
        *("Gede Surya", "sanur", 15),
        ("Reflexology as my father taught it.", "Refleksologi seperti yang diajarkan ayah saya."),
        menu=[_service("reflexology", "Reflexology", 180_000, 250_000)],
        openingHours=_open("10:00", "22:00", off=("sunday",)),
    ),
    "t-kadek": _person(
        *("Kadek Maharani", "ubud", 12),
        ("Prenatal massage; trained in Denpasar.", "Pijat kehamilan; berlatih di Denpasar."),
        menu=[
            _service("prenatal", "Prenatal massage", 270_000, 380_000),
            _service("balinese", "Balinese massage", 240_000, 340_000, 440_000),
        ],
        languages=["id", "en", "fr"],
    ),
    "t-komang": _person(
        *("Komang Adi", "uluwatu", 20),
        ("Deep tissue with strong hands.", "Deep tissue dengan tangan yang kuat."),
        menu=[_service("deep-tissue", "Deep tissue massage", 260_000, 360_000, 460_000)],
        openingHours=_open("12:00", "23:00"),
    ),
    "t-luh": _person(
        *("Luh Sekar", "ubud", 6),
        ("Slow Balinese massage and boreh scrub.", "Pijat Bali yang pelan dan lulur boreh."),
        menu=[
            _service("balinese", "Balinese massage", 220_000, 310_000, 400_000),
            _service("boreh", "Boreh scrub and massage", 350_000, 450_000),
        ],
        openingHours=_open("08:00", "18:00", off=("saturday",)),
    ),
    "t-made": _person(
        *("Made Wirawan", "seminyak", 12),
        ("Thai stretching on a mat.", "Peregangan Thai di atas matras."),
        menu=[_service("thai", "Thai massage", 250_000, 350_000, 450_000)],
    ),
    "t-putu": _person(
        *("Putu Ariani", "canggu", 10),
        ("Aromatherapy; I mix the oils myself.", "Aromaterapi; minyaknya saya racik sendiri."),
        menu=[_service("aromatherapy", "Aromatherapy massage", 290_000, 400_000, 510_000)],
        languages=["id", "en", "ja"],
    ),
    "t-ratna": _person(
        *("Ratna Sari", "sanur", 10),
        ("Four hands are better: ask me for a colleague.", "Empat tangan lebih baik: tanyakan rekan saya."),
        menu=[_service("lomi-lomi", "Lomi lomi massage", 310_000, 430_000, 550_000)],
        openingHours=_open("09:00", "17:00", off=("monday", "tuesday")),
    ),
    "p-segara-spa": _person(
        *("Segara Spa", "seminyak", 25),
        ("Four rooms by the sea, open late.", "Empat kamar di tepi laut, buka sampai malam."),
        type="place",
        beds=4,
        menu=[
            _service("balinese", "Balinese massage", 320_000, 430_000, 540_000),
            _service("facial", "Massage and facial", 380_000, 490_000, 600_000),
        ],
        openingHours=_open("10:00", "23:00"),
    ),
}
_HOTELS: Final[Mapping[str, dict[str, Any]]] = {
    "h-melati": {"name": "Melati Beach Resort", "address": "Jalan Kayu Aya 12, Seminyak, Bali", "timeZone": _ZONE}
    | {"latitude": -8.6850, "longitude": 115.1570},
    "h-bukit": {"name": "Bukit Cliff Villas", "address": "Jalan Labuansait 88, Uluwatu, Bali", "timeZone": _ZONE}
    | {"latitude": -8.8150, "longitude": 115.0930},
    "h-rumah-padi": {"name": "Rumah Padi", "address": "Jalan Pantai Batu Bolong 7, Canggu, Bali", "timeZone": _ZONE}
    | {"latitude": -8.6556, "longitude": 115.1321},
}
THERAPISTS: Final[tuple[Therapist, ...]] = tuple(
    replace(
        parse(NewTherapist, body).as_domain(therapist_id),
        status=Presence.ONLINE,
        payment_methods=(PaymentMethod.CASH, PaymentMethod.QRIS),
    )
    for therapist_id, body in _BODIES.items()
)
HOTELS: Final[tuple[Hotel, ...]] = tuple(parse(NewHotel, body).as_domain(name) for name, body in _HOTELS.items())


def photo_of(therapist: Therapist) -> bytes:
    """Draw the photo of a therapist or place of the demo."""
    if therapist.therapist_id.startswith("p-"):
        return house(therapist.name)
    return portrait(therapist.name, long_hair=therapist.therapist_id in _LONG_HAIRED)
