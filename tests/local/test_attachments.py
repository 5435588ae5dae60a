"""Files in rooms of the running system: announced, uploaded, cleaned, fetched, and refused."""

import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from marketplace.platform.clock import parse_utc
from tests.local.chatting import Talk, talk
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.person import Person, expect


def photograph() -> bytes:
    """Return a JPEG that tells where and with what it was taken, lying on its side."""
    picture = Image.new("RGB", (64, 48), (200, 30, 30))
    told = picture.getexif()
    told[0x010F], told[0x0112] = "TelltalePhone", 6
    told.get_ifd(0x8825).update({1: "S", 2: (8.0, 30.0, 0.0), 3: "E", 4: (115.0, 15.0, 0.0)})
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=told)
    return file.getvalue()


def announced(room: Talk, content: bytes, content_type: str = "image/jpeg") -> dict[str, Any]:
    body = {"fileName": "a file", "contentType": content_type, "size": len(content)}
    return expect(room.customer.post(f"/rooms/{room.room_id}/attachments", body), 201)


def upload(announcement: dict[str, Any], content: bytes) -> httpx.Response:
    form = announcement["upload"]
    return httpx.post(form["url"], data=form["fields"], files={"file": ("a file", content)})


def fetched(reader: Person, attachment_id: str) -> httpx.Response:
    path = f"/attachments/{attachment_id}"
    wait_until(lambda: reader.get(path).status_code == 302)
    return httpx.get(reader.get(path).headers["location"])


def test_a_picture_can_be_cited_at_once_and_fetched_without_its_place(world: World) -> None:
    with talk(world) as room:
        content = photograph()
        announcement = announced(room, content)
        cite = room.text("i", "look", messageType="image", attachmentId=announcement["attachmentId"])
        assert room.at_customer.ask(cite)["code"] == "validation_failed"
        assert room.therapist.get(f"/attachments/{announcement['attachmentId']}").status_code == 404
        assert upload(announcement, content).status_code == 204
        assert room.at_customer.ask(cite)["type"] == "ack"

        clean = fetched(room.therapist, announcement["attachmentId"])
        picture = Image.open(io.BytesIO(clean.content))
        assert clean.headers["content-type"] == "image/jpeg"
        assert (picture.size, dict(picture.getexif())) == ((48, 64), {})
        assert b"TelltalePhone" not in clean.content

        assert world.guest().get(f"/attachments/{announcement['attachmentId']}").status_code == 404
        with talk(world) as elsewhere:
            other = elsewhere.text("i", "look", messageType="image", attachmentId=announcement["attachmentId"])
            assert elsewhere.at_customer.ask(other)["code"] == "validation_failed"


def test_a_document_is_a_file_and_no_image(world: World) -> None:
    with talk(world) as room:
        content = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
        announcement = announced(room, content, "application/pdf")
        upload(announcement, content)
        cite = room.text("f", "read", attachmentId=announcement["attachmentId"])
        assert room.at_customer.ask({**cite, "messageType": "image"})["code"] == "validation_failed"
        assert room.at_customer.ask({**cite, "messageType": "file"})["type"] == "ack"
        assert fetched(room.therapist, announcement["attachmentId"]).content == content


def test_a_file_is_fetched_no_longer_than_files_are_kept(world: World) -> None:
    with talk(world) as room:
        content = photograph()
        announcement = announced(room, content)
        upload(announcement, content)
        fetched(room.therapist, announcement["attachmentId"])
        key, attachments = {"attachmentId": announcement["attachmentId"]}, world.table("attachments")
        row = attachments.get_item(Key=key)["Item"]
        kept_for = parse_utc(str(row["expiresAt"])) - parse_utc(str(row["processedAt"]))
        assert kept_for == timedelta(days=30)

        attachments.put_item(Item={**row, "expiresAt": row["processedAt"]})

        for reader in (room.customer, room.therapist):
            assert reader.get(f"/attachments/{announcement['attachmentId']}").status_code == 404


def test_x14_an_upload_that_s3_tells_of_again_and_again_stays_as_it_is(world: World) -> None:
    with talk(world) as room:
        content = photograph()
        announcement = announced(room, content)
        upload(announcement, content)
        first = fetched(room.customer, announcement["attachmentId"]).content
        row = world.table("attachments").get_item(Key={"attachmentId": announcement["attachmentId"]})["Item"]
        told = {"Records": [{"s3": {"object": {"key": f"incoming/{announcement['attachmentId']}"}}}] * 2}

        for _ in range(2):
            assert world.invoke("ProcessUploadFunction", told) == {"processed": 2}

        assert fetched(room.customer, announcement["attachmentId"]).content == first
        assert world.table("attachments").get_item(Key={"attachmentId": announcement["attachmentId"]})["Item"] == row


@pytest.mark.parametrize("what", ["another type", "broken"])
def test_what_is_not_what_was_announced_is_refused_and_removed(world: World, what: str) -> None:
    with talk(world) as room:
        content = b"%PDF-1.4 %%EOF" if what == "another type" else photograph()[:400]
        announcement = announced(room, content)
        upload(announcement, content)
        bucket = f"{world.outputs.stack_name}-uploads-000000000000"
        attachments = world.table("attachments")
        key = {"attachmentId": announcement["attachmentId"]}
        wait_until(lambda: attachments.get_item(Key=key)["Item"]["status"] == "refused")
        wait_until(
            lambda: not world.client("s3").list_object_versions(Bucket=bucket, Prefix="incoming/").get("Versions")
        )
        assert room.customer.get(f"/attachments/{announcement['attachmentId']}").status_code == 404
        cite = room.text("i", "look", messageType="image", attachmentId=announcement["attachmentId"])
        assert room.at_customer.ask(cite)["code"] == "validation_failed"


def test_the_form_takes_no_other_size_than_announced(world: World) -> None:
    with talk(world) as room:
        content = photograph()
        assert upload(announced(room, content), content + b"x").status_code == 400


def test_the_same_key_announces_the_same_file_once(world: World) -> None:
    with talk(world) as room:
        path, key = f"/rooms/{room.room_id}/attachments", {"Idempotency-Key": "the key"}
        body = {"fileName": "a.png", "contentType": "image/png", "size": 100}
        first = expect(room.customer.post(path, body, headers=key), 201)
        again = expect(room.customer.post(path, body, headers=key), 201)
        assert first["attachmentId"] == again["attachmentId"]
        reused = expect(room.customer.post(path, {**body, "size": 101}, headers=key), 422)
        assert reused["code"] == "idempotency_key_reused"
