"""An empty stack becomes a marketplace in the browser, as the operator's guide describes it."""

from pathlib import Path

import pytest

from tests.browser.conftest import NewScreen
from tests.browser.opening import Opening
from tests.browser.screens import Screen
from tests.local.running import Start, free_port, started

# It starts a system of its own, which has nobody in it.
pytestmark = pytest.mark.timeout(1_500)


def test_an_operator_goes_from_an_empty_stack_to_the_first_paid_commission(
    new_screen: NewScreen, tmp_path: Path
) -> None:
    start = Start(port=free_port(), folder=tmp_path, seed="none", kept=False)
    with started(start) as outputs:

        def here() -> Screen:
            screen = new_screen()
            screen.outputs = outputs
            return screen

        seen = Opening(outputs=outputs, outputs_file=start.outputs, new_screen=here, picture=lambda _, __: None).run()
    assert "62,500" in seen["says"]  # a quarter of 250,000
