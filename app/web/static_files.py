"""Addresses of static files that change with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

KEPT_FOR_EVER = "public, max-age=31536000, immutable"
ASKED_AGAIN = "no-cache"
MODULES = "js"
# Libraries that are modules themselves, by the names they are imported by.
LIBRARIES = {
    "@mapbox/point-geometry": "vendor/@mapbox/point-geometry/index.js",
    "@mapbox/vector-tile": "vendor/@mapbox/vector-tile/index.js",
    "pbf": "vendor/pbf/index.js",
}


@lru_cache(maxsize=512)
def _digest(path: Path, _changed_ns: int, _n_bytes: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def version(name: str) -> str | None:
    """Return a short hash of the static file `name` as it is now; None when there is no such file."""
    path = Path(current_app.static_folder or "") / name
    try:
        state = path.stat()
    except OSError:
        return None
    return _digest(path, state.st_mtime_ns, state.st_size)


def asset(name: str) -> str:
    """Return the address of the static file `name` with its version, ``/static/css/theme.css?v=...``."""
    return url_for("static", filename=name, v=version(name))


def import_map() -> dict[str, dict[str, str]]:
    """Return the import map that resolves the names our browser modules import one another and libraries by.

    ``#map/<name>`` is a module of the folder ``map``.
    """
    folder = Path(current_app.static_folder or "") / MODULES
    modules = sorted(folder.rglob("*.js"))
    own = {_module_name(path, folder): _module_address(path, folder) for path in modules}
    return {"imports": {**own, **{name: asset(path) for name, path in LIBRARIES.items()}}}


def _module_name(path: Path, folder: Path) -> str:
    return f"#{path.relative_to(folder).with_suffix('').as_posix()}"


def _module_address(path: Path, folder: Path) -> str:
    return asset(f"{MODULES}/{path.relative_to(folder).as_posix()}")


def init_app(app: Flask) -> None:
    """Give templates `asset` and `import_map`, and let versioned files be kept."""
    app.jinja_env.globals.update(asset=asset, import_map=import_map)

    @app.after_request
    def set_cache_control(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 206, 304}:
            name = (request.view_args or {})["filename"]
            is_versioned = request.args.get("v") == version(name)
            response.headers["Cache-Control"] = KEPT_FOR_EVER if is_versioned else ASKED_AGAIN
        return response
