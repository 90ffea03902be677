"""Walk networks from OpenStreetMap, read with pyosmium."""

from app.exchange.osm.reading import OsmWalkways, read_osm
from app.exchange.osm.tally import OsmTally

__all__ = ["OsmTally", "OsmWalkways", "read_osm"]
