"""Files that were damaged on their way: read, or refused in one sentence, by both ways of reading."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from app.errors import AppError
from app.exchange.collections.files import READ, read_file
from app.services.land.plot_reading import Reading
from app.services.neighbors.plot_files import plots_in_metres
from tests.scenes import seven_plots
from tests.unit.features.export_rows import made
from tests.unit.neighbors.plot_files import write


def damaged(whole: bytes, chance: Random) -> bytes:
    """Return bytes of which some are others, gone, zero or added."""
    place, kind = chance.randrange(len(whole)), chance.randrange(4)
    if kind == 0:
        return whole[:place]
    if kind == 1:
        return whole[:place] + bytes(200) + whole[place + 200 :]
    if kind == 2:
        return whole[:place] + chance.randbytes(30) + whole[place:]
    spoilt = bytearray(whole)
    for _ in range(chance.randint(1, 20)):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


@pytest.mark.parametrize("form", READ)
def test_an_export(tmp_path: Path, form: str) -> None:
    export, parts = made("companies", 8, 3)
    path = tmp_path / f"companies.{form}"
    export.write(path, form)
    whole, chance = path.read_bytes(), Random(form)
    stored = pd.concat([frame for _, frame in parts])
    for _ in range(25):
        path.write_bytes(damaged(whole, chance))
        with suppress(AppError):
            read_file(path, export.contract, lambda: stored)


@pytest.mark.parametrize("name", ["p.gpkg", "p.fgb", "p.gml", "p.geojson", "p.shp", "p.parquet"])
def test_plots(tmp_path: Path, name: str) -> None:
    plots, path = seven_plots().assign(key=[*"ÄBCDEFG"]), tmp_path / name
    plots.to_parquet(path) if name == "p.parquet" else write(plots, str(path))
    whole, chance = path.read_bytes(), Random(name)
    for _ in range(25):
        path.write_bytes(damaged(whole, chance))
        with suppress(AppError):
            plots_in_metres(Reading(path))
