"""Notebook 4: a file of parcels in, typed neighbors and a map out."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import pytest

from app.db.land.plots import plots_on
from tests.scenes import seven_plots

NAME = "04_bring_your_own_parcels"
DAY = date(2024, 4, 24)
HOSTILE = "<img src=x onerror=alert(1)></script>`${alert(2)}`"


def test_the_made_up_plots_have_the_neighbors_they_were_drawn_for(run_notebook, tmp_path: Path) -> None:
    run = run_notebook(NAME, NEIGHBORS_FOLDER=str(tmp_path))
    found = {(row["focal"], row["neighbor"]): row for row in run.rows("pairs")}
    assert {pair: row["relation"] for pair, row in found.items()} == {
        **dict.fromkeys([("A", "B"), ("A", "C"), ("A", "D"), ("B", "E"), ("G", "S")], "edge"),
        **dict.fromkeys([("B", "C"), ("B", "D")], "corner"),
        **dict.fromkeys([("A", "S"), ("C", "G")], "across"),
    }
    assert found["A", "B"]["shared_m"] == pytest.approx(50)
    assert found["B", "E"]["shared_m"] == pytest.approx(30)
    assert found["A", "C"]["gap_m"] == pytest.approx(0.03)
    assert found["A", "S"]["gap_m"] == pytest.approx(12)
    assert found["A", "S"]["facing_m"] == pytest.approx(43)
    assert run.value("by_relation['pairs'].to_dict()") == {"edge": 5, "corner": 2, "across": 2}
    # Each plot of the made-up file is one of the tests' own scene.
    drawn = gpd.read_file(tmp_path / "made_up_plots.gpkg").set_index("key")
    assert (drawn["note"] == "made up").all()
    assert drawn.geometry.geom_equals_exact(seven_plots().set_index("key").geometry, 1e-6).all()
    # Nobody sees across more than what lies between: only pairs 12 m apart come with the reach.
    apart_m = [a.distance(b) for a, b in combinations(drawn.geometry, 2)]
    assert sorted(length for length in apart_m if 0.1 < length <= 40)[:2] == pytest.approx([12, 12])
    assert run.value("across_by_reach.to_dict()") == {"10": 0, "20": 2, "30": 2, "40": 2}
    degrees = Counter(key for pair in found for key in pair)
    assert run.value("per_parcel['all'].to_dict()") == degrees


@pytest.mark.browser
def test_any_file_will_do_and_its_texts_stay_texts(
    run_notebook, loaded_connection, offline_page, tmp_path: Path
) -> None:
    plots = plots_on(loaded_connection, DAY)
    own = plots[["park", "geometry"]].assign(parcel=plots["key"].replace("HK1-001", HOSTILE))
    own.to_crs("EPSG:4326").to_file(tmp_path / "own.gpkg", layer="parcels")
    run = run_notebook(
        NAME, PLOTS=str(tmp_path / "own.gpkg"), PLOTS_KEY="parcel", NEIGHBORS_FOLDER=str(tmp_path)
    )
    assert run.value("plots.crs.to_epsg()") == 25832
    park_of = dict(zip(own["parcel"], own["park"], strict=True))
    counts = Counter(
        (park_of[row["focal"]], row["relation"])
        for row in run.rows("pairs")
        if park_of[row["focal"]] == park_of[row["neighbor"]]
    )
    assert counts["heinenkamp-1", "edge"] == 48
    assert counts["heinenkamp-1", "across"] == 51
    assert counts["heinenkamp-2", "edge"] == 62
    assert counts["heinenkamp-2", "across"] == 17
    check_taken_along(tmp_path / "neighbors.gpkg", own, n_pairs=run.value("len(pairs)"))
    run.do(f"drawn.save({str(tmp_path / 'map.html')!r})")
    n_layers = 1 + len({relation for _, relation in counts})
    check_map(offline_page, (tmp_path / "map.html").as_uri(), n_plots=len(own), n_layers=n_layers)


def check_taken_along(path: Path, own: gpd.GeoDataFrame, n_pairs: int) -> None:
    plots, pairs = (gpd.read_file(path, layer=layer) for layer in ("plots", "neighbors"))
    assert set(plots["key"]) == set(own["parcel"])
    assert len(pairs) == n_pairs
    assert set(pairs["focal"]) | set(pairs["neighbor"]) <= set(own["parcel"])
    assert plots.crs.to_epsg() == pairs.crs.to_epsg() == 25832


def check_map(page, address: str, n_plots: int, n_layers: int) -> None:
    """Every plot is drawn, and the hostile one's name is shown letter by letter."""
    page.goto(address)
    page.wait_for_selector("path.leaflet-interactive")
    assert page.locator("path[fill-opacity='0.12']").count() == n_plots
    assert page.locator(".leaflet-control-layers-overlays label").count() == n_layers
    shown = page.evaluate(
        """() => {
            const told = [];
            for (const path of document.querySelectorAll("path[fill-opacity='0.12']")) {
                path.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
                told.push(...[...document.querySelectorAll(".leaflet-tooltip")].map((tip) => tip.innerText));
                path.dispatchEvent(new MouseEvent("mouseout", {bubbles: true}));
            }
            return told;
        }"""
    )
    assert HOSTILE in shown
    assert page.locator(".leaflet-tooltip img").count() == 0
