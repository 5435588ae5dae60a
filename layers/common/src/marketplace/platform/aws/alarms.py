"""The topic that wakes somebody."""

from typing import final

from marketplace.platform.resilience import Dependency


@final
class AlarmTopic:
    """An SNS topic to which those subscribe who must hear of it at once."""

    def __init__(self, sns: Dependency, topic_arn: str) -> None:
        """Publish to one topic."""
        self._sns = sns
        self._topic_arn = topic_arn

    def publish(self, subject: str, text: str) -> None:
        """Tell everybody who subscribes.

        Raises:
            ServiceUnavailable: the topic did not take it.
        """
        self._sns.call("publish", TopicArn=self._topic_arn, Subject=subject, Message=text)
