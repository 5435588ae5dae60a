"""The environments that samconfig.toml names: which stack each is, and where."""

import tomllib
from dataclasses import dataclass
from typing import Final, final

from tools.local.emulator import ROOT

_ON_A_LAPTOP: Final = "local"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One section of samconfig.toml."""

    name: str
    stack_name: str
    region: str


def environment_of(name: str) -> Environment:
    """Return an environment by its name.

    Raises:
        KeyError: there is none; the text says which there are.
    """
    sections = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    known = [each for each, section in sections.items() if isinstance(section, dict) and each != _ON_A_LAPTOP]
    if name not in known:
        message = f"there is no environment {name!r}; there are {', '.join(known)}"
        raise KeyError(message)
    parameters = sections[name]["deploy"]["parameters"]
    return Environment(name=name, stack_name=parameters["stack_name"], region=parameters["region"])
