"""What GDAL may do here: read files of a few forms by the file's own content, and nothing else.

GDAL finds out by itself what a file is, and some of its forms are no data but descriptions of data elsewhere:
such a file would make it open other files and ask other machines. So all forms but those named here are taken
from it, for the whole process, as soon as this module is imported; and what remains fetches no schema.
"""

from __future__ import annotations

import pyogrio
from pyogrio._ogr import _register_drivers

DRIVERS = frozenset(
    {
        "CSV",
        "ESRI Shapefile",
        "FlatGeobuf",
        "GML",
        "GPKG",
        "GPX",
        "GeoJSON",
        "KML",
        "MEM",
        "OSM",
        "OpenFileGDB",
    }
)


def keep_to_drivers() -> None:
    """Take from GDAL all drivers but `DRIVERS`, and let it fetch nothing that a file names."""
    pyogrio.set_gdal_config_options(
        {
            "OGR_SKIP": ",".join(sorted(set(pyogrio.list_drivers()) - DRIVERS)),
            "GML_DOWNLOAD_SCHEMA": "NO",
            "GML_SKIP_RESOLVE_ELEMS": "ALL",
            # No such proxy can be: whatever else would be fetched fails before a connection is made.
            "GDAL_HTTP_PROXY": "nowhere://",
            "GDAL_HTTPS_PROXY": "nowhere://",
        }
    )
    # GDAL drops what is to be skipped whenever drivers are registered; that adds none that is there.
    _register_drivers()


keep_to_drivers()
