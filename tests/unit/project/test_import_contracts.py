"""Each contract of import-linter sees the import that it is there against, planted in the graph of all imports."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

import grimp
import pytest
from importlinter import api
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

from tests.cloudformation import ROOT

KINDS: Final[Mapping[str, type[Contract]]] = {
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
    "layers": LayersContract,
}
PLANTED: Final = {
    "a package for each noun, use cases above them": ("marketplace.booking.fees", "marketplace.chat.model"),
    "inside a noun, the edge knows the rows and the rows know the model": (
        "marketplace.chat.model",
        "marketplace.chat.responses",
    ),
    "functions reach AWS through bootstrap alone": ("functions.accept_booking.handler", "botocore"),
    "functions do not know each other": ("functions.accept_booking.handler", "functions.close_booking.handler"),
}
"""An import against each contract: who imports, and whom."""


def contracts() -> dict[str, Contract]:
    """Return the contracts of the repository by name."""
    read: Mapping[str, Any] = api.read_configuration(str(ROOT / "pyproject.toml"))
    options: list[dict[str, Any]] = read["contracts_options"]
    return {
        each["name"]: KINDS[each["type"]](
            each["name"], read["session_options"], {k: v for k, v in each.items() if k not in {"name", "type"}}
        )
        for each in options
    }


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("marketplace", "functions", include_external_packages=True)


def test_every_contract_has_a_planted_import() -> None:
    assert contracts().keys() == PLANTED.keys()


@pytest.mark.parametrize(("name", "planted"), PLANTED.items())
def test_a_planted_import_breaks_its_contract_which_holds_without(
    imports: grimp.ImportGraph, name: str, planted: tuple[str, str]
) -> None:
    importer, imported = planted
    assert contracts()[name].check(deepcopy(imports), verbose=False).kept
    broken = deepcopy(imports)
    broken.add_import(importer=importer, imported=imported)
    assert not contracts()[name].check(broken, verbose=False).kept
