"""The file that tells clients and tests where the running system is; it exists exactly while the system is ready."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A demo user: the role is the group in the user pool, the username is the id in the marketplace."""

    role: str
    username: str
    password: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Addresses and names of a running system; the file has the same words in camelCase."""

    rest_url: str
    web_socket_url: str
    web_url: str
    outbox_url: str
    aws_endpoint_url: str
    region: str
    stack_name: str
    functions: Mapping[str, str]
    tables: Mapping[str, str]
    users: Mapping[str, User]


def write_outputs(path: Path, outputs: Outputs) -> None:
    """Write the file in one step: whoever sees it sees it whole."""
    content = {"ready": True} | {_camel(name): value for name, value in asdict(outputs).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_outputs(path: Path) -> Outputs:
    """Read the file of a running system.

    Raises:
        FileNotFoundError: nothing runs with this file.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    return Outputs(
        rest_url=content["restUrl"],
        web_socket_url=content["webSocketUrl"],
        web_url=content["webUrl"],
        outbox_url=content["outboxUrl"],
        aws_endpoint_url=content["awsEndpointUrl"],
        region=content["region"],
        stack_name=content["stackName"],
        functions=content["functions"],
        tables=content["tables"],
        users={user_id: User(**user) for user_id, user in content["users"].items()},
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
