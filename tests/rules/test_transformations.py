"""Coordinates go from one datum to another in one place."""

from __future__ import annotations

import re

from app.config import PROJECT_DIR

_TRANSFORMS = re.compile(r"\.to_crs\(|\bTransformer(Group)?\b|\.estimate_utm_crs\(")
# `transformation` chooses and tells the operation; `crs` knows the systems of the service itself.
_PLACES = {"app/domain/transformation.py", "app/domain/crs.py"}


def test_only_there() -> None:
    """Elsewhere PROJ would choose among operations point by point, and not say which."""
    found = {
        str(path.relative_to(PROJECT_DIR))
        for path in (PROJECT_DIR / "app").rglob("*.py")
        if _TRANSFORMS.search(path.read_text("utf-8"))
    }
    assert found == _PLACES
