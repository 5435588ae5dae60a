"""SMS by Amazon SNS. Source: https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html."""

from typing import Any, final

from botocore.exceptions import BotoCoreError, ClientError

from marketplace.notification.channels.model import Failure, Message, NotSent, failure_of


@final
class Sms:
    """Texts to telephone numbers under one sender's name."""

    def __init__(self, sns: Any, sender: str) -> None:  # noqa: ANN401 - botocore makes its clients at run time
        """Send with a client of SNS; ``sender`` is shown where a country allows it."""
        self._sns = sns
        self._sender = sender

    def send(self, message: Message) -> None:
        """Send a text.

        Raises:
            NotSent: it was not taken.
        """
        attributes = {
            "AWS.SNS.SMS.SenderID": self._sender,
            "AWS.SNS.SMS.SMSType": "Transactional",
            "template": message.template,
            "language": message.language.value,
            **message.parameters,
        }
        try:
            answer = self._sns.publish(
                PhoneNumber=message.to,
                Message=message.text,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value
                },
            )
        except ClientError as error:
            raise failure_of(int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))) from None
        except BotoCoreError:
            raise NotSent(Failure.NO_ANSWER) from None
        if not answer.get("MessageId"):
            raise NotSent(Failure.GARBLED_ANSWER)
