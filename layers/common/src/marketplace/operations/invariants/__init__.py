"""What must stay true of the tables: pure functions over plain items, one module per theme.

The audits, the tests after every fault, and people at a prompt use the same functions. A check takes the
items of the tables by their names, in wire names and plain values, and returns what is broken; a table
that a check reads and that is not given counts as empty. Rows of any form may be given: a check reports
what it cannot read, it never fails.
"""

from marketplace.platform.dynamodb.invariants import Check, Row, Tables, Violation

__all__ = ["Check", "Row", "Tables", "Violation"]
