"""How every tool reads its command line: a wrong call is answered with one line and exit status 2."""

import argparse
import sys
from typing import NoReturn, override


class OneLineParser(argparse.ArgumentParser):
    """A parser of arguments that leaves its usage to ``--help``."""

    @override
    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the call, in one line, and leave with status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def refuse(sentence: str) -> NoReturn:
    """Leave with status 2 because what was asked for cannot be done, and say why in one line."""
    sys.stderr.write(f"{sentence}\n")
    sys.exit(2)
