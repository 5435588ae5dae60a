"""Who operates a stack, as its parameters say, for the pages that the law asks for."""

from collections.abc import Mapping
from typing import Final

_PARAMETERS: Final = {
    "operatorName": "IssuerName",
    "operatorAddress": "IssuerAddress",
    "operatorRegistration": "OperatorRegistration",
    "operatorContact": "OperatorContact",
}


def operator_of(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return what the web client's configuration says of the operator, out of the stack's parameters.

    What no parameter says is empty, and the client leaves it out.
    """
    return {name: parameters.get(parameter, "") for name, parameter in _PARAMETERS.items()}
