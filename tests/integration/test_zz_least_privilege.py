"""Roles fit what functions do: nothing is missing, and, once every test here has run, nothing is there for nothing.

Runs last, by its name; what it judges is what the tests before it made the functions do.
"""

from tests import rights


def test_nothing_that_a_function_did_to_a_table_is_missing_in_its_role() -> None:
    assert sorted(rights.seen - set(rights.granted())) == []
