"""`make emails`: every message as it would be mailed, and the templates that WhatsApp has to approve, as JSON.

WhatsApp sends only sentences that Meta has approved: one template a kind and language, with named parameters. What is
submitted comes from the same catalogues as everything that the system says, so that the two cannot drift apart.
Source: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, Final

from marketplace.notification.channels.email import html_of
from marketplace.notification.channels.model import Message
from marketplace.platform.language import Language
from marketplace.platform.text import i18n
from marketplace.platform.text.i18n import catalogue, notification_text
from tools.command_line import OneLineParser

IN_APP_ALONE: Final = frozenset({"booking_waiting", "commission_findings", "payment_unmatched", "webhook_switched_off"})
"""What only admins read, or what only repeats an offer."""
_EXAMPLES: Final = {
    "amount": "Rp 105.000",
    "code": "123456",
    "customerName": "Wayan",
    "duration": "60",
    "therapistName": "Ayu",
    "time": "22 November 2026, 17:30 (WITA)",
}
_CATEGORIES: Final = {"sign_in_code": "AUTHENTICATION"}


def kinds() -> list[str]:
    """Return every kind of message that leaves the app."""
    source = Path(i18n.__file__).with_name("locale") / "en" / "LC_MESSAGES" / "marketplace.po"
    found = re.findall(r'^msgid "(\w+)\.title"$', source.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return sorted(set(found) - IN_APP_ALONE)


def whats_app_template(kind: str, language: Language) -> dict[str, Any]:
    """Return what is submitted for a kind in a language."""
    words = catalogue(language)
    sentence = words.gettext(f"{kind}.title") + "\n" + words.gettext(f"{kind}.body")
    names = list(dict.fromkeys(name for _, name, _, _ in Formatter().parse(sentence) if name))
    body: dict[str, Any] = {"type": "BODY", "text": re.sub(r"\{(\w+)\}", r"{{\1}}", sentence)}
    if names:
        body["example"] = {
            "body_text_named_params": [{"param_name": name, "example": _EXAMPLES.get(name, name)} for name in names]
        }
    return {
        "name": kind,
        "language": language.value,
        "category": _CATEGORIES.get(kind, "UTILITY"),
        "parameter_format": "NAMED",
        "components": [body],
    }


def emails() -> Iterator[tuple[str, str]]:
    """Yield a file name and its HTML for every kind and language."""
    for kind in kinds():
        for language in Language:
            title, body = notification_text(kind, _EXAMPLES, language)
            message = Message(
                to="somebody@example.com",
                template=kind,
                language=language,
                subject=title,
                text=body,
                parameters={},
                data={},
            )
            yield f"{kind}.{language.value}.html", html_of(message)


def main(arguments: list[str]) -> int:
    """Write the previews and the templates into a folder."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".local/messages"))
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in emails():
        (folder / name).write_text(page, encoding="utf-8")
    templates = [whats_app_template(kind, language) for kind in kinds() for language in Language]
    (folder / "whats-app-templates.json").write_text(
        json.dumps(templates, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    print(f"{len(templates)} messages in {folder}: e-mails as HTML, and whats-app-templates.json to submit")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
