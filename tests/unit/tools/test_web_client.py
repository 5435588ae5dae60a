"""What the start page of the web client is told where it is served."""

import json
import re

from tools.local.imprint import operator_of
from tools.local.web_client import WEB, with_configuration


def test_the_start_page_carries_its_configuration_and_nothing_in_it_ends_the_block() -> None:
    configuration = {"restUrl": "https://api.example.com", "operatorName": "</script><script>alert(1)</script>"}
    page = with_configuration((WEB / "index.html").read_bytes(), configuration).decode()
    block = re.search(r'<script id="configuration" type="application/json">(.*?)</script>', page)
    assert block is not None
    assert json.loads(block[1]) == configuration
    assert "<script>alert" not in page


def test_a_shared_link_has_a_picture_with_its_whole_address() -> None:
    page = with_configuration((WEB / "index.html").read_bytes(), {"webUrl": "https://teduh.example"}).decode()
    assert '<meta property="og:image" content="https://teduh.example/share.png" />' in page
    assert (WEB / "public" / "share.png").is_file()


def test_the_operator_is_who_the_parameters_name_and_what_they_leave_out_is_empty() -> None:
    assert operator_of({"IssuerName": "PT Teduh", "OperatorContact": "halo@example.com"}) == {
        "operatorName": "PT Teduh",
        "operatorAddress": "",
        "operatorRegistration": "",
        "operatorContact": "halo@example.com",
    }
