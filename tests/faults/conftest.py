"""The marketplace in memory for tests of faults: each has one of its own."""

from collections.abc import Iterator

import pytest

from tests.faults.market import Market
from tests.faults.market_environment import environment, forget_everything


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    forget_everything()
    market = Market(monkeypatch)
    yield market
    forget_everything()
    assert sorted(market.rights.missing) == []
