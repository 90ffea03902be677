"""Whom to bring together next, and in which groups: proven to be the best where that is possible in time."""

from __future__ import annotations
