"""E-mail by Amazon SES, as HTML and text of the same words.

Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.
"""

from html import escape
from typing import Any, final

from botocore.exceptions import BotoCoreError, ClientError

from marketplace.notification.channels.model import Failure, Message, NotSent, failure_of


@final
class Email:
    """Mails from one sender."""

    def __init__(self, ses: Any, sender: str) -> None:  # noqa: ANN401 - botocore makes its clients at run time
        """Send with a client of SES from ``sender``."""
        self._ses = ses
        self._sender = sender

    def send(self, message: Message) -> None:
        """Send a mail.

        Raises:
            NotSent: it was not taken.
        """
        tags = {"template": message.template, "language": message.language.value}
        try:
            answer = self._ses.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [message.to]},
                Content={
                    "Simple": {
                        "Subject": _part(message.subject),
                        "Body": {"Text": _part(message.text), "Html": _part(html_of(message))},
                    }
                },
                EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
            )
        except ClientError as error:
            raise failure_of(int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))) from None
        except BotoCoreError:
            raise NotSent(Failure.NO_ANSWER) from None
        if not answer.get("MessageId"):
            raise NotSent(Failure.GARBLED_ANSWER)


def html_of(message: Message) -> str:
    """Return a mail as HTML: the subject as its heading, each line of the text a paragraph."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in message.text.splitlines() if line.strip())
    return (
        f'<!doctype html><html lang="{message.language.value}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(message.subject)}</title></head>"
        '<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif;color:#1c1917;background:#fafaf9">'
        '<main style="max-width:560px;margin:auto;padding:24px;background:#fff;border-radius:12px">'
        f'<h1 style="font-size:20px;margin:0 0 16px">{escape(message.subject)}</h1>{lines}</main></body></html>'
    )


def _part(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
