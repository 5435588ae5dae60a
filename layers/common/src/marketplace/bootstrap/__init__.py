"""Cached factories: the only place where clients are made, and the only seam for tests.

What a factory makes is imported by the factory, so that a function pays for nothing it does not use. Factories call
each other through this package, so that a test which puts something else in its place reaches them all.
"""

from marketplace.bootstrap._booking import *
from marketplace.bootstrap._catalogue import *
from marketplace.bootstrap._chat import *
from marketplace.bootstrap._clients import *
from marketplace.bootstrap._identity import *
from marketplace.bootstrap._money import *
from marketplace.bootstrap._notification import *
from marketplace.bootstrap._operations import *
from marketplace.platform.runtime.snapshots import prepare_for_snapshots

make_at_start(store)
prepare_for_snapshots(lambda: made)
