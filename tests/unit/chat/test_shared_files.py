"""What people may fetch of an upload: the picture itself, upright, and nothing that the file told beside it."""

import io
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from marketplace.chat.attachments import clean_copies
from marketplace.chat.attachments.clean_copies import MOST_PIXELS, UnfitFileError, clean_copy
from marketplace.chat.attachments.model import Attachment, AttachmentKind, AttachmentStatus, named_as, real_type
from marketplace.chat.message import MessageType
from marketplace.platform.refusals import NotFound, ValidationFailed
from tests.camera_files import BLUE, FILES, RED, SWAPPED, held, moving, picture, saved

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SECRET = b"TelltalePhone"
DOCUMENT = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"


def attachment(content: bytes, content_type: str, status: AttachmentStatus = AttachmentStatus.ANNOUNCED) -> Attachment:
    return Attachment(
        attachment_id="a-1",
        kind=AttachmentKind.MESSAGE,
        owner_id="c-1",
        booking_id="b-1",
        conversation_id="r-1",
        file_name="a file",
        content_type=content_type,
        size=len(content),
        request_hash="",
        created_at=NOW,
        status=status,
    )


def telltale(content_type: str, mode: str = "RGB") -> bytes:
    picture = Image.new(mode, (64, 48))
    told = picture.getexif()
    told[0x010F], told[0x0112] = SECRET.decode(), 6
    told.get_ifd(0x8825).update({1: "S", 2: (8.0, 30.0, 0.0), 3: "E", 4: (115.0, 15.0, 0.0)})
    more: dict[str, Any] = {}
    if content_type == "image/png":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET.decode())
        more = {"pnginfo": text}
    if content_type in {"image/webp", "image/jpeg"}:
        more = {"xmp": b"<x>" + SECRET + b"</x>"}
    file = io.BytesIO()
    picture.save(file, FORMATS[content_type], exif=told, **more)
    return file.getvalue()


@pytest.mark.parametrize("content_type", FORMATS)
def test_a_picture_keeps_its_sight_and_loses_what_it_tells(content_type: str) -> None:
    content = telltale(content_type)
    assert SECRET in content
    clean = clean_copy(attachment(content, content_type), content)
    picture = Image.open(io.BytesIO(clean))
    assert SECRET not in clean
    assert dict(picture.getexif()) == {}
    assert picture.size == (48, 64)
    assert real_type(clean) == content_type


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_pictures_of_any_colours_are_taken(mode: str) -> None:
    content = telltale("image/jpeg", mode)
    assert Image.open(io.BytesIO(clean_copy(attachment(content, "image/jpeg"), content))).mode == mode


def test_something_hidden_behind_a_picture_stays_behind() -> None:
    content = telltale("image/jpeg") + b"PK\x03\x04 an archive"
    assert b"an archive" not in clean_copy(attachment(content, "image/jpeg"), content)


def test_a_document_is_left_as_it_is() -> None:
    assert clean_copy(attachment(DOCUMENT, "application/pdf"), DOCUMENT) == DOCUMENT


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (telltale("image/png"), "image/jpeg"),
        (DOCUMENT, "image/png"),
        (b"<script>alert(1)</script>", "image/png"),
        (telltale("image/jpeg")[:300], "image/jpeg"),
        (b"%PDF-1.7 without an end", "application/pdf"),
        (b"", "image/webp"),
    ],
    ids=["png as jpeg", "pdf as png", "script", "cut off", "endless pdf", "empty"],
)
def test_what_is_not_what_was_announced_is_unfit(content: bytes, content_type: str) -> None:
    with pytest.raises(UnfitFileError):
        clean_copy(attachment(content, content_type), content)


def test_another_size_than_announced_is_unfit() -> None:
    with pytest.raises(UnfitFileError):
        clean_copy(attachment(DOCUMENT, "application/pdf"), DOCUMENT + b" ")


def test_a_picture_that_unfolds_without_measure_is_unfit() -> None:
    file = io.BytesIO()
    Image.new("1", (MOST_PIXELS // 1_000 + 1, 1_000)).save(file, "PNG")
    with pytest.raises(UnfitFileError):
        clean_copy(attachment(file.getvalue(), "image/png"), file.getvalue())


@pytest.mark.parametrize(
    ("name", "content_type", "handed_out_as"),
    [
        ("invoice.html", "application/pdf", "invoice.pdf"),
        ("invoice.pdf", "application/pdf", "invoice.pdf"),
        ("Bukti Transfer.PDF", "application/pdf", "Bukti Transfer.PDF"),
        ("foto.JPEG", "image/jpeg", "foto.JPEG"),
        ("IMG-20261122-WA0007.jpg", "image/webp", "IMG-20261122-WA0007.webp"),
        ("invoice.pdf.exe", "application/pdf", "invoice.pdf"),
        ("invoice.exe.pdf", "application/pdf", "invoice.exe.pdf"),
        ("invoice.svg. .", "image/png", "invoice.png"),
        ("transfer", "image/png", "transfer.png"),
        ("Tagihan no. 5", "application/pdf", "Tagihan no. 5.pdf"),
        ("v1.2", "application/pdf", "v1.2.pdf"),
        (".html", "application/pdf", ".pdf"),
    ],
)
def test_a_file_is_handed_out_under_the_ending_of_its_type(name: str, content_type: str, handed_out_as: str) -> None:
    assert named_as(name, content_type) == handed_out_as


@given(st.binary(max_size=200), st.sampled_from(sorted(FORMATS)))
def test_no_bytes_at_all_break_the_judgement(noise: bytes, content_type: str) -> None:
    head = telltale(content_type)[:24]
    content = head + noise
    try:
        clean = clean_copy(attachment(content, content_type), content)
    except UnfitFileError:
        return
    assert real_type(clean) == content_type


def test_a_file_is_cited_in_its_own_room_alone_and_as_what_it_is() -> None:
    document, picture = attachment(b"x", "application/pdf"), attachment(b"x", "image/png")
    picture.check_citable("r-1", MessageType.IMAGE)
    picture.check_citable("r-1", MessageType.FILE)
    document.check_citable("r-1", MessageType.FILE)
    refused = attachment(b"x", "image/png", AttachmentStatus.REFUSED)
    for file, room, kind in (
        (document, "r-1", MessageType.IMAGE),
        (picture, "r-2", MessageType.IMAGE),
        (refused, "r-1", MessageType.IMAGE),
    ):
        with pytest.raises(ValidationFailed):
            file.check_citable(room, kind)


@pytest.mark.parametrize("status", [AttachmentStatus.ANNOUNCED, AttachmentStatus.REFUSED])
def test_only_a_ready_file_is_fetched(status: AttachmentStatus) -> None:
    attachment(b"x", "image/png", AttachmentStatus.READY).check_fetchable(NOW)
    with pytest.raises(NotFound):
        attachment(b"x", "image/png", status).check_fetchable(NOW)


def test_a_file_of_a_room_is_fetched_for_as_long_as_files_are_kept() -> None:
    file = attachment(b"x", "image/png").processed(AttachmentStatus.READY, NOW, kept_for=timedelta(days=30))

    file.check_fetchable(NOW + timedelta(days=30, seconds=-1))
    with pytest.raises(NotFound):
        file.check_fetchable(NOW + timedelta(days=30))


def test_a_proof_of_payment_is_kept_with_the_books() -> None:
    announced = replace(attachment(b"x", "image/png"), kind=AttachmentKind.PROOF)
    proof = announced.processed(AttachmentStatus.READY, NOW, kept_for=timedelta(days=30))

    proof.check_fetchable(NOW + timedelta(days=3650))


# What cameras and banking apps write -------------------------------------------------------------------


def copied(content_type: str, content: bytes) -> Any:  # noqa: ANN401 - Pillow's picture of whatever format
    clean = clean_copy(attachment(content, content_type), content)
    assert real_type(clean) == content_type
    return Image.open(io.BytesIO(clean))


def near(one: Any, other: tuple[int, ...]) -> bool:  # noqa: ANN401 - a pixel
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=False))


@pytest.mark.parametrize(("content_type", "content"), FILES.values(), ids=FILES)
def test_what_cameras_and_banking_apps_write_is_taken(content_type: str, content: bytes) -> None:
    clean = clean_copy(attachment(content, content_type), content)

    assert real_type(clean) == content_type
    if content_type == "application/pdf":
        assert clean == content
    else:
        copy = Image.open(io.BytesIO(clean))
        assert copy.size == (48, 32)
        assert "icc_profile" not in copy.info
        assert dict(copy.getexif()) == {}


def test_a_photograph_of_24_megapixels_with_its_preview_is_taken_without_it() -> None:
    content = saved(picture(size=(6_000, 4_000)), "MPO", save_all=True, append_images=[picture(size=(3_000, 2_000))])

    copy = copied("image/jpeg", content)

    assert (copy.size, getattr(copy, "n_frames", 1)) == ((6_000, 4_000), 1)


def test_a_photograph_of_more_pixels_than_there_is_room_for_is_taken_at_half_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clean_copies, "MOST_PIXELS", 1_000)

    assert copied("image/jpeg", saved(picture(), "JPEG")).size == (24, 16)
    monkeypatch.setattr(clean_copies, "MOST_SENSOR_PIXELS", 1_500)
    with pytest.raises(UnfitFileError):
        copied("image/jpeg", saved(picture(), "JPEG"))


@pytest.mark.parametrize("content_type", FORMATS)
@pytest.mark.parametrize(
    ("orientation", "blue"),
    [
        *((1, "upper left"), (2, "upper right"), (3, "lower right"), (4, "lower left")),
        *((5, "upper left"), (6, "upper right"), (7, "lower right"), (8, "lower left")),
    ],
)
def test_a_picture_is_seen_as_it_was_taken(content_type: str, orientation: int, blue: str) -> None:
    copy = copied(content_type, saved(picture(), FORMATS[content_type], exif=held(orientation))).convert("RGB")

    assert copy.size == ((48, 32) if orientation < 5 else (32, 48))
    across, down = (4 if "left" in blue else copy.width - 5), (4 if "upper" in blue else copy.height - 5)
    assert near(copy.getpixel((across, down)), BLUE)
    assert near(copy.getpixel((copy.width - 1 - across, copy.height - 1 - down)), RED)


@pytest.mark.parametrize("content_type", ["image/png", "image/webp"])
def test_a_moving_picture_keeps_its_times_its_turns_and_how_it_was_held(content_type: str) -> None:
    durations = [40, 500, 70, 1_200]

    copy = copied(content_type, moving(FORMATS[content_type], durations, exif=held(6)))

    assert (copy.n_frames, copy.size, copy.info["loop"]) == (4, (32, 48), 2)
    seen = []
    for number in range(4):
        copy.seek(number)
        copy.load()
        seen.append(round(copy.info["duration"]))
        assert near(copy.convert("RGB").getpixel((28, 4)), BLUE)
    assert seen == durations


def test_a_still_picture_that_stands_for_a_moving_one_is_no_frame_of_it() -> None:
    frames = [picture("RGBA") for _ in range(3)]
    for number, frame in enumerate(frames):
        frame.putpixel((40, 20 + number), (0, 0, 0, 0))
    content = saved(
        Image.new("RGBA", (48, 32)), "PNG", save_all=True, append_images=frames, default_image=True, duration=90
    )

    copy = copied("image/png", content)

    assert copy.n_frames == 3
    assert near(copy.convert("RGB").getpixel((4, 4)), BLUE)


@pytest.mark.parametrize("content_type", FORMATS)
def test_a_picture_in_other_colours_is_drawn_in_those_of_srgb(content_type: str) -> None:
    copy = copied(content_type, saved(picture(), FORMATS[content_type], icc_profile=SWAPPED))

    assert "icc_profile" not in copy.info
    pixel = copy.convert("RGB").getpixel((40, 28))
    assert pixel[1] > pixel[0] + 50
