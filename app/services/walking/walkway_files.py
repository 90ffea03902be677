"""Walk networks of elsewhere made into files of walkways."""

from __future__ import annotations

from pathlib import Path

from app.domain.frames import WALKWAYS
from app.exchange.atomic_files import replacing
from app.exchange.collections.geojson import feature_collection
from app.exchange.osm import OsmTally, read_osm

_ABOUT = {
    "name": WALKWAYS.name,
    "licence": "ODbL 1.0",
    "attribution": "© OpenStreetMap contributors, ODbL 1.0",
}


def write_osm_walkways(extract: Path, out: Path, *, crosses_squares: bool = False) -> tuple[int, OsmTally]:
    """Write the ways of an OpenStreetMap extract that can be walked as GeoJSON, for `import walkways`.

    Parameters
    ----------
    extract, out : Path
    crosses_squares : bool
        As in `read_osm`.

    Returns
    -------
    (int, OsmTally)
        How many walkways were written, and what was read, cut and lost.

    Raises
    ------
    NotFoundError, DataError
        As `read_osm`.
    InputError
        When the file cannot be written.
    """
    found = read_osm(extract, crosses_squares=crosses_squares)
    walkways = found.walkways.assign(valid_from=None, valid_to=None, source="OpenStreetMap")
    walkways["length_m"] = walkways.length
    with replacing(out) as partial, partial.open("w", encoding="utf-8") as file:
        file.writelines(feature_collection(walkways, WALKWAYS, _ABOUT, without=frozenset({"length_m"})))
    return len(walkways), found.tally
