"""What is submitted to WhatsApp is what is sent: the same names, in both languages."""

import re

import pytest

from marketplace.platform.language import Language
from marketplace.platform.text.i18n import spoken_values
from tools.ops.message_templates import emails, kinds, whats_app_template


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("language", Language)
def test_a_template_asks_for_what_a_message_fills_in(kind: str, language: Language) -> None:
    (body,) = whats_app_template(kind, language)["components"]
    asked = re.findall(r"\{\{(\w+)\}\}", body["text"])
    assert set(asked) == set(spoken_values(kind, {}, language))
    assert [each["param_name"] for each in body.get("example", {}).get("body_text_named_params", [])] == list(
        dict.fromkeys(asked)
    )


def test_offers_reminders_and_codes_are_among_them_and_each_has_a_mail_in_each_language() -> None:
    assert {"booking_created", "visit_reminder", "sign_in_code", "new_message"} <= set(kinds())
    assert len(list(emails())) == len(kinds()) * len(Language)
