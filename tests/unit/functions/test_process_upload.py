"""What people may fetch of an upload: the picture itself, upright, and nothing that the file told beside it."""

import io
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from functions.process_upload.handler import MOST_PIXELS, UnfitFileError, clean_copy
from marketplace.chat.attachment import Attachment, AttachmentKind, AttachmentStatus, real_type
from marketplace.chat.model import MessageType
from marketplace.platform.refusals import NotFound, ValidationFailed

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


@pytest.mark.parametrize("content_type", ["image/png", "image/webp"])
def test_a_moving_picture_goes_on_moving(content_type: str) -> None:
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 120, 255)]
    file = io.BytesIO()
    frames[0].save(file, FORMATS[content_type], save_all=True, append_images=frames[1:], duration=50, loop=0)
    clean = clean_copy(attachment(file.getvalue(), content_type), file.getvalue())
    assert getattr(Image.open(io.BytesIO(clean)), "n_frames", 1) == len(frames)


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
