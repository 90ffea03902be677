"""Walk networks from OpenStreetMap, read with pyosmium."""

from app.exchange.osm.reading import OsmTally, OsmWalkways, read_osm

__all__ = ["OsmTally", "OsmWalkways", "read_osm"]
