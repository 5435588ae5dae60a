"""Forms and links to files name the one host that every region answers at and that our pages may talk to."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import botocore.session
import pytest

from marketplace import bootstrap
from marketplace.chat.attachments.model import Attachment, AttachmentKind
from marketplace.chat.attachments.uploads import Uploads
from marketplace.platform.resilience import Dependency
from tests.cloudformation import load_template, resolved

ACCOUNT: Final = "123456789012"
BUCKET: Final = f"marketplace-uploads-{ACCOUNT}"
PICTURE: Final = Attachment(
    attachment_id="a-1",
    kind=AttachmentKind.MESSAGE,
    owner_id="c-1",
    booking_id="b-1",
    conversation_id="r-1",
    file_name="gate.jpg",
    content_type="image/jpeg",
    size=1024,
    request_hash="",
    created_at=datetime(2026, 11, 22, 8, 15, tzinfo=UTC),
)


@pytest.fixture(params=["ap-southeast-3", "us-east-1"])
def region(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A region of after 2019, which has no global address, and the one that has always been at it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", request.param)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(bootstrap, "session", botocore.session.Session)
    return str(request.param)


def uploads() -> Uploads:
    return Uploads(Dependency("s3", bootstrap.file_client()), BUCKET)


def allowed_hosts(region: str, directive: str) -> set[str]:
    """Return the hosts of a directive of the pages' policy, as they are on AWS."""
    headers = load_template()["Resources"]["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    known = {
        "AWS::StackName": "marketplace",
        "AWS::AccountId": ACCOUNT,
        "AWS::Region": region,
        "AWS::URLSuffix": "amazonaws.com",
    }
    policy = resolved(
        headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"], known, {"HasDomain": False}
    )
    sources = {name: rest for name, *rest in (part.split() for part in str(policy).split(";"))}[directive]
    return {urlsplit(source).netloc for source in sources if "://" in source}


def test_a_link_to_fetch_a_file_names_the_bucket_in_its_region_and_pages_may_show_it(region: str) -> None:
    host = urlsplit(uploads().link(PICTURE)).netloc
    assert host == f"{BUCKET}.s3.{region}.amazonaws.com"
    assert host in allowed_hosts(region, "img-src")
    assert host in allowed_hosts(region, "connect-src")


def test_a_form_to_upload_a_file_names_the_bucket_in_its_region_and_pages_may_send_it(region: str) -> None:
    host = urlsplit(uploads().form(PICTURE)["url"]).netloc
    assert host == f"{BUCKET}.s3.{region}.amazonaws.com"
    assert host in allowed_hosts(region, "connect-src")


def test_pages_may_talk_to_no_bucket_but_that_of_uploads(region: str) -> None:
    buckets = {host for name in ("img-src", "connect-src") for host in allowed_hosts(region, name) if ".s3." in host}
    assert buckets == {f"{BUCKET}.s3.{region}.amazonaws.com"}


def test_an_address_of_the_emulator_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    del region
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert urlsplit(uploads().link(PICTURE)).netloc == "127.0.0.1:4566"
