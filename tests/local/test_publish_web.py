"""The web client on its way to the stack's bucket, as `make deploy` brings it there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.local.world import World
from tools.ops.publish_web import KEPT_FOR, Publication

NOW = datetime.now(UTC)


@pytest.fixture
def publication(world: World) -> Publication:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=world.outputs.region)
    return Publication(session, world.outputs.stack_name, endpoint_url=world.outputs.aws_endpoint_url)


def a_build(folder: Path, *, script: str) -> Path:
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / f"{script}.js").write_text("export {};")
    (folder / "assets" / "letters.woff2").write_bytes(b"wOF2")
    (folder / "index.html").write_text(f"<!doctype html><script type=module src=/assets/{script}.js></script>")
    (folder / "sw.js").write_text("self;")
    (folder / "manifest.webmanifest").write_text("{}")
    return folder


def stored(world: World, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = world.client("s3").get_object(Bucket=world.stack_resource("WebBucket"), Key=name)
    return answer


def names(world: World) -> set[str]:
    listed = world.client("s3").list_objects_v2(Bucket=world.stack_resource("WebBucket"))
    return {each["Key"] for each in listed["Contents"]}


def test_a_published_client_has_its_types_and_lifetimes(world: World, publication: Publication, tmp_path: Path) -> None:
    address = publication.publish(a_build(tmp_path / "build", script="one"), now=NOW)

    assert address == world.stack_output("WebUrl")
    forever = "public, max-age=31536000, immutable"
    assert {
        name: (stored(world, name)["ContentType"], stored(world, name)["CacheControl"])
        for name in ("index.html", "sw.js", "manifest.webmanifest", "assets/one.js", "assets/letters.woff2")
    } == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "sw.js": ("text/javascript", "no-cache"),
        "manifest.webmanifest": ("application/manifest+json", "no-cache"),
        "assets/one.js": ("text/javascript", forever),
        "assets/letters.woff2": ("font/woff2", forever),
    }


def test_a_published_client_is_told_where_its_stack_is(world: World, publication: Publication, tmp_path: Path) -> None:
    publication.publish(a_build(tmp_path / "build", script="one"), now=NOW)

    configuration = stored(world, "config.json")
    assert configuration["ContentType"] == "application/json"
    assert configuration["CacheControl"] == "no-cache"
    assert world.outputs.rest_url in configuration["Body"].read().decode()


def test_every_path_is_asked_for_anew_after_a_publication(
    world: World, publication: Publication, tmp_path: Path
) -> None:
    distribution = world.stack_resource("WebDistribution")
    cloudfront = world.client("cloudfront")

    def invalidations() -> set[str]:
        listed = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"]
        return {each["Id"] for each in listed.get("Items", [])}

    before = invalidations()
    publication.publish(a_build(tmp_path / "build", script="one"), now=NOW)

    (fresh,) = invalidations() - before
    answer = cloudfront.get_invalidation(DistributionId=distribution, Id=fresh)
    assert answer["Invalidation"]["InvalidationBatch"]["Paths"]["Items"] == ["/*"]


def test_parts_of_a_former_build_stay_for_pages_that_are_still_open_and_go_later(
    world: World, publication: Publication, tmp_path: Path
) -> None:
    former = a_build(tmp_path / "former", script="former")
    (former / "gone.txt").write_text("of the former build alone")
    publication.publish(former, now=NOW)

    later = a_build(tmp_path / "later", script="later")
    publication.publish(later, now=NOW)
    assert {"assets/former.js", "assets/later.js"} <= names(world)
    assert "gone.txt" not in names(world)
    assert "later.js" in stored(world, "index.html")["Body"].read().decode()

    publication.publish(later, now=datetime.now(UTC) + KEPT_FOR + timedelta(minutes=5))
    assert "assets/former.js" not in names(world)
    assert "assets/later.js" in names(world)


def test_a_folder_without_a_start_page_is_not_published(publication: Publication, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        publication.publish(tmp_path, now=NOW)
