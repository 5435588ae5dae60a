"""Template parameters as people type them, held against template.yaml before anything is created."""

import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import yaml

from tools.local.emulator import ROOT

SUGGESTED: Final = {"AlarmEmail": "where alarms are mailed to; AlarmEmail= for nowhere"}
"""What a production stack must decide, though the template has a default."""
BELONG_TOGETHER: Final = {
    "DomainName": ("HostedZoneId", "CertificateArn", "WebCertificateArn"),
    "WhatsAppNumberId": ("WhatsAppToken",),
    "PaymentProvider": ("PaymentApiKey", "PaymentCallbackToken"),
}
"""What has to be given with a parameter that is not what it is by default."""


class ParameterError(Exception):
    """A parameter cannot be what it is; the text says why, in one line."""


class _Loader(yaml.SafeLoader):
    """A safe loader that keeps the text of intrinsic functions alone."""


def _text_alone(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> object:
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_Loader.add_multi_constructor("!", _text_alone)


@cache
def _template() -> Mapping[str, Any]:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    template: Mapping[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    return template


def declared() -> Mapping[str, Mapping[str, Any]]:
    """Return what the template says of each parameter."""
    parameters: Mapping[str, Mapping[str, Any]] = _template()["Parameters"]
    return parameters


def names_that_stay(kind: str, place: str) -> list[str]:
    """Return the names of what outlives a stack, of one kind, as the template writes them.

    Args:
        kind: such as ``AWS::DynamoDB::Table``.
        place: the property that has the name.
    """
    staying = (
        each
        for each in _template()["Resources"].values()
        if each["Type"] == kind and str(each.get("DeletionPolicy", "")).startswith("Retain")
    )
    return [str(each["Properties"][place]) for each in staying]


def parse_parameters(text: str) -> dict[str, str]:
    """Return ``"Name=value Other=value"`` as a mapping of what the template declares and allows.

    Raises:
        ParameterError: something is wrong with one.
    """
    try:
        pairs = shlex.split(text)
    except ValueError as error:
        message = f"parameters cannot be read: {error}"
        raise ParameterError(message) from None
    found = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator:
            message = f"a parameter is Name=value, not {pair!r}"
            raise ParameterError(message)
        for objection in objections(name, value):
            raise ParameterError(objection)
        found[name] = value
    return found


def objections(name: str, value: str) -> Iterator[str]:
    """Yield what the template has against a value."""
    if name not in declared():
        yield f"there is no parameter {name}; there are {', '.join(sorted(declared()))}"
        return
    said = declared()[name]
    if said["Type"] == "Number":
        try:
            number = float(value)
        except ValueError:
            yield f"{name} is a number, not {value!r}"
            return
        if number < said.get("MinValue", number) or number > said.get("MaxValue", number):
            yield f"{name} is from {said.get('MinValue', '…')} to {said.get('MaxValue', '…')}, not {value}"
    if "AllowedValues" in said and value not in {str(each) for each in said["AllowedValues"]}:
        yield f"{name} is one of {', '.join(str(each) for each in said['AllowedValues'])}, not {value!r}"
    if "AllowedPattern" in said and not re.fullmatch(said["AllowedPattern"], value):
        yield f"{name} has not the form {said['AllowedPattern']}: {value!r}"


def missing(given: Mapping[str, str], known: Mapping[str, str], *, is_production: bool) -> Iterator[str]:
    """Yield what has to be decided and is not, neither now nor by an earlier deployment."""
    for name, said in declared().items():
        if name in given or name in known:
            continue
        if "Default" not in said:
            yield f"{name} is missing: {said.get('Description', '')}"
        elif is_production and name in SUGGESTED:
            yield f"{name} is missing: {SUGGESTED[name]}"
    values = {name: str(said.get("Default", "")) for name, said in declared().items()} | {**known, **given}
    for name, beside in BELONG_TOGETHER.items():
        if values[name] == str(declared()[name]["Default"]):
            continue
        for other in beside:
            if not values[other]:
                yield f"{name} needs {other}"
    if values["EmulatorUrl"]:
        yield "EmulatorUrl is for a laptop; on AWS it stays empty"
