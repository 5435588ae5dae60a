"""Takes out of a layer's artifact what no function ever loads; run by the Makefile with the artifact's folder.

botocore describes every operation of every service of AWS, and reads what it needs of that whenever a client is made.
So its descriptions are cut down to the operations that the functions call; what is kept is as botocore ships it.
"""

import gzip
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    "apigatewaymanagementapi": frozenset({"DeleteConnection", "PostToConnection"}),
    "cognito-idp": frozenset(
        {
            "AdminAddUserToGroup",
            "AdminCreateUser",
            "AdminDisableUser",
            "AdminEnableUser",
            "AdminGetUser",
            "AdminListGroupsForUser",
            "AdminResetUserPassword",
            "AdminUpdateUserAttributes",
        }
    ),
    "dynamodb": frozenset(
        {
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactWriteItems",
            "UpdateItem",
        }
    ),
    "events": frozenset({"PutEvents"}),
    "kms": frozenset({"Decrypt", "Encrypt", "Sign"}),
    # botocore finds the address of a presigned POST as that of CreateBucket; nobody creates one.
    "s3": frozenset({"CreateBucket", "DeleteObject", "GetObject", "HeadObject", "PutObject"}),
    "secretsmanager": frozenset({"GetSecretValue"}),
    "sesv2": frozenset({"SendEmail"}),
    "sns": frozenset({"Publish"}),
    "sqs": frozenset({"SendMessage"}),
    "translate": frozenset({"TranslateText"}),
}
"""What the functions call, by botocore's names of service and operation."""
UNUSED_ANYWHERE: Final = (
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
    # Of the font two weights are embedded in papers.
    *(f"font_lato/files/Lato-{weight}.ttf" for weight in ("Black*", "*Italic", "Light", "Thin")),
    # Functions call operations one by one, and their documentation is read elsewhere.
    *(f"botocore/data/*/*/{kind}-1.*" for kind in ("completions", "examples", "paginators")),
    "botocore/data/*/*/waiters-2.*",
)
TRUSTED_ROOTS: Final = ("CN=Amazon Root CA", "CN=Starfield Services Root Certificate Authority - G2")
"""Who vouches for every endpoint of AWS. Source: https://www.amazontrust.com/repository/."""


def prune(artifact: Path) -> None:
    """Delete the unused parts below the folder ``artifact``; the licences of what it ships move beside it."""
    keep_licences(artifact)
    doomed = [path for pattern in UNUSED_ANYWHERE for path in artifact.glob(pattern)]
    doomed += [path for path in artifact.glob("botocore/data/*/") if path.name not in OPERATIONS]
    for path in doomed:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
    if (artifact / "botocore").exists():
        prune_descriptions(artifact / "botocore" / "data")
        prune_roots(artifact / "botocore" / "cacert.pem")


def keep_licences(artifact: Path) -> None:
    """Copy licences and notices, which would go with the packages' metadata, to ``licenses`` beside the artifact."""
    for information in artifact.glob("*.dist-info"):
        package = information.name.partition("-")[0]
        for text in information.rglob("*"):
            if text.is_file() and text.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE")):
                kept = artifact.parent / "licenses" / package / text.name
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(text, kept)


def prune_descriptions(folder: Path) -> None:
    """Cut botocore's descriptions in ``folder`` down to what is called, and write them without compression."""
    prefixes = set()
    for service, operations in OPERATIONS.items():
        *older, version = sorted((folder / service).iterdir())
        for path in older:
            shutil.rmtree(path)
        for packed in version.glob("*.json.gz"):
            packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
            packed.unlink()
        described = called_part(_read(version / "service-2.json"), operations)
        prefixes.add(described["metadata"]["endpointPrefix"])
        _write(version / "service-2.json", described)
    endpoints = _read(folder / "endpoints.json")
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {prefix: services[prefix] for prefix in services if prefix in prefixes}
    _write(folder / "endpoints.json", endpoints)


def called_part(description: Mapping[str, Any], operations: frozenset[str]) -> dict[str, Any]:
    """Return a service's description with these operations and what they speak of alone.

    Raises:
        KeyError: the service has no such operation.
    """
    kept = {name: _undocumented(description["operations"][name]) for name in sorted(operations)}
    shapes: dict[str, Any] = {}
    unseen = list(_shapes_in(kept))
    while unseen:
        name = unseen.pop()
        if name not in shapes:
            shapes[name] = _undocumented(description["shapes"][name])
            unseen += _shapes_in(shapes[name])
    rest = {name: part for name, part in description.items() if name != "documentation"}
    return {**rest, "operations": kept, "shapes": shapes}


def prune_roots(bundle: Path) -> None:
    """Keep of a bundle of certificates those that stand behind AWS; reading all costs more than a first call.

    Raises:
        ValueError: one of them is missing.
    """
    entries = re.split(r"(?=^# Issuer: )", bundle.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = [entry for entry in entries if any(f"# Subject: {root}" in entry for root in TRUSTED_ROOTS)]
    if missing := [root for root in TRUSTED_ROOTS if not any(f"# Subject: {root}" in entry for entry in kept)]:
        message = f"the bundle lacks {missing}"
        raise ValueError(message)
    bundle.write_text("".join(kept), encoding="utf-8")


def _shapes_in(node: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a JSON document
    """Yield the names of the shapes that a part of a description refers to."""
    if isinstance(node, dict) and isinstance(node.get("shape"), str):
        yield node["shape"]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _shapes_in(child)


def _undocumented(node: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """Return a part of a description without its prose; a member that bears such a name is an object and stays."""
    if isinstance(node, dict):
        return {
            name: _undocumented(child)
            for name, child in node.items()
            if not (name == "documentation" and isinstance(child, str))
        }
    return [_undocumented(child) for child in node] if isinstance(node, list) else node


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _write(path: Path, described: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(described, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
