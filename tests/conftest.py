"""What all tests share."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, final, override

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from marketplace.platform.resilience import keep_invocation_deadline
from tests import rights
from tests.cloudformation import ROOT
from tests.local import people_in_logs
from tests.local.running import Start, free_port, ready, starting
from tools.local.outputs import Outputs

# The template sets these for every function; what is made of them is kept for the whole run.
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Marketplace")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")

# How long an example takes says more about the machine than about the code; benchmarks judge speed. Whoever changes
# something sees what the change did, and not what chance has found; that is looked for every night.
settings.register_profile("project", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))


@pytest.fixture(autouse=True)
def _time_enough() -> None:
    """Let the invocations of the test before be over."""
    keep_invocation_deadline(3_600_000)


OUTPUTS: Final = "MARKETPLACE_OUTPUTS"
"""Names the file of a running system that the tests shall use instead of one of their own."""
_RIGHTS_LOG: Final = "MARKETPLACE_RIGHTS_LOG"
"""Names the file in which the tests' own system notes who wanted to do what."""
_OWN_SYSTEMS: Final = frozenset({"tests/local/test_starting_and_stopping.py", "tests/local/test_workers.py"})
_SYSTEM: Final = pytest.StashKey[ExitStack]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to start the system, once for all processes of the run, if the tests asked for may need it.

    It starts while other tests run, and ends with this process, however that ends.
    """
    config = session.config
    is_helper = hasattr(config, "workerinput")
    if is_helper or config.option.collectonly or OUTPUTS in os.environ or not _may_need_the_system(config.args):
        return
    system = config.stash[_SYSTEM] = ExitStack()
    folder = Path(system.enter_context(tempfile.TemporaryDirectory(prefix="marketplace-tests-")))
    start = Start(port=free_port(), folder=folder, enforce=True)
    for name, path in ((OUTPUTS, start.outputs), (_RIGHTS_LOG, start.rights_log)):
        os.environ[name] = str(path)
        system.callback(os.environ.pop, name)
    system.enter_context(starting(start))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the system that this run has started."""
    if _SYSTEM in config.stash:
        config.stash[_SYSTEM].close()


def _may_need_the_system(arguments: list[str]) -> bool:
    asked = [Path(argument.partition("::")[0]).resolve() for argument in arguments]
    return any(
        path.is_relative_to(folder) or folder.is_relative_to(path)
        for path in asked
        for folder in (ROOT / "tests/local", ROOT / "tests/browser")
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Let processes work side by side, each at what belongs together."""
    return BySubject(config, log)


@final
class BySubject(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Hands out what must stay in one process first, and everything else test by test.

    In one process stay the tests of the running system, so that none breaks what another is looking at, and those of
    handlers in memory, the last of which judges what all of them did.
    """

    @override
    def _split_scope(self, nodeid: str) -> str:
        file, folder = nodeid.partition("::")[0], nodeid.split("/")[1]
        if folder in {"local", "browser"} and file not in _OWN_SYSTEMS:
            return "system"
        return "handlers" if folder == "integration" else nodeid


@pytest.fixture(scope="session")
def outputs() -> Iterator[Outputs]:
    """The deployed stack that this run has started, or the one whose file MARKETPLACE_OUTPUTS names."""
    system = ready(Path(os.environ[OUTPUTS]))
    yield system
    if _RIGHTS_LOG in os.environ:
        # A refusal that no test minded, of a push perhaps, is a right that is missing all the same.
        assert [right for right, allowed in rights.in_log(Path(os.environ[_RIGHTS_LOG])) if not allowed] == []
        assert people_in_logs.telling(people_in_logs.lines_of(system)) == []
