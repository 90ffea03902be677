"""Filters in CQL2's JSON form as conditions of SQL.

`condition` takes an expression as a parser of CQL2 gives it and trusts nothing in it. What can be named are
the properties of `FilterColumns`: the collection's columns, ``geometry``, and ``valid``, the period of a row.
The standard is OGC 21-065r2, Common Query Language (CQL2).
"""

from app.db.features.cql2.expression import CONFORMANCE, condition
from app.db.features.cql2.operands import FilterColumns

__all__ = ["CONFORMANCE", "FilterColumns", "condition"]
