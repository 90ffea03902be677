"""Literals of a filter that name the latitude first, turned into x before y."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def swapped(expression: Any) -> Any:
    """Return a CQL2 expression in JSON form with the first two ordinates of all its geometries exchanged."""
    if isinstance(expression, Mapping):
        return {name: _swapped_member(name, value) for name, value in expression.items()}
    if isinstance(expression, list):
        return [swapped(each) for each in expression]
    return expression


def _swapped_member(name: str, value: Any) -> Any:
    if name == "coordinates":
        return _swapped_positions(value)
    if name == "bbox" and isinstance(value, list):
        half = len(value) // 2
        return [*_swapped_position(value[:half]), *_swapped_position(value[half:])]
    return swapped(value)


def _swapped_positions(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], list):
        return [_swapped_positions(each) for each in value]
    return _swapped_position(value)


def _swapped_position(position: Any) -> Any:
    return (
        [position[1], position[0], *position[2:]]
        if isinstance(position, list) and len(position) > 1
        else position
    )
