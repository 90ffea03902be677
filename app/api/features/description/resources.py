"""What the table of routes says of each resource, for the router and for the description alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Response


@dataclass(frozen=True)
class Resource:
    """A resource as the router and the description have it.

    Attributes
    ----------
    name : str
        Of the route and the operation.
    path : str
        Below ``/api``, with ``<collection>`` and ``<fid>``.
    view : callable
        Answers the method, and HEAD where it is GET.
    what : str
        What is found there, in English.
    parameters : tuple of str
        The names of `app.api.features.parameters.table.PARAMETERS` it takes; with ``filter`` also each
        column.
    forms : mapping
        Representation -> media type.
    schema : str
        The name of the JSON answer's schema in the description.
    method : str
        ``POST`` where a filter comes in the body.
    """

    name: str
    path: str
    view: Callable[..., Response]
    what: str
    parameters: tuple[str, ...]
    forms: Mapping[str, str]
    schema: str
    method: str = "GET"
