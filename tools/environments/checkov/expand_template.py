"""Writes template.yaml as CloudFormation gets it, with everything that SAM makes of it, for checks that look at that.

Code is not built for this: it is named by a place in a bucket that need not exist.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any, Final

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

_ROOT: Final = Path(__file__).resolve().parents[3]
_SOMEWHERE: Final = "s3://artifacts/code.zip"
_CODE: Final = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


def expanded(template: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    """Return a SAM template without its transform; what SAM makes depends on some of its parameters."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    for resource in template["Resources"].values():
        if resource["Type"] in _CODE:
            resource["Properties"][_CODE[resource["Type"]]] = _SOMEWHERE
    answer: dict[str, Any] = Translator({}, Parser()).translate(template, parameters)
    return answer


def main() -> None:
    """Write the file that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("parameters", nargs="*", metavar="Name=value", help="the others have their defaults")
    chosen = parser.parse_args()
    file: Path = chosen.file
    file.parent.mkdir(parents=True, exist_ok=True)
    # Anchors are the same objects wherever they stand, and SAM changes what it is given: each place gets its own.
    read = json.loads(json.dumps(yaml_parse((_ROOT / "template.yaml").read_text(encoding="utf-8"))))
    file.write_text(
        json.dumps(expanded(read, dict(each.split("=", 1) for each in chosen.parameters)), indent=1, default=str),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
