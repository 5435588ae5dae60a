"""Takes out of a layer's artifact what no function ever loads; run by the Makefile with the artifact's folder."""

import shutil
import sys
from pathlib import Path

AWS_SERVICES = {
    "apigatewaymanagementapi",
    "cloudwatch",
    "dynamodb",
    "events",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
}
# Place, carrier and time zone of a number: we only parse and format numbers.
PHONE_NUMBER_DATA = {"carrierdata", "geodata", "tzdata"}
UNUSED_ANYWHERE = (
    # The runtime has a boto3 of its own; functions make botocore clients.
    "boto3",
    "s3transfer",
    # Of Powertools only Logger and Metrics are used.
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/[!j]*/",  # Logger reads the event through jmespath_utils
    # The old pydantic, and what only type checkers load.
    "pydantic/v1",
    "pydantic/mypy.py",
    "**/*.dist-info",
    "**/*.pyi",
    "**/__pycache__",
    "**/tests",
    "bin",
    "botocore/data/*/*/examples-1.json*",
)


def prune(artifact: Path) -> None:
    """Delete the unused parts below the folder ``artifact``."""
    doomed = [path for pattern in UNUSED_ANYWHERE for path in artifact.glob(pattern)]
    doomed += [path for path in artifact.glob("botocore/data/*/") if path.name not in AWS_SERVICES]
    doomed += [artifact / "phonenumbers" / name for name in PHONE_NUMBER_DATA]
    for path in doomed:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
