"""Files of plots, and what is written of the neighbors of seven of them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio

COLUMNS = ["focal", "neighbor", "relation", "shared_m", "gap_m", "facing_m", "overlap_m2"]
SEVEN = """\
focal,neighbor,relation,shared_m,gap_m,facing_m,overlap_m2
A,B,edge,50.000,0.000,,
A,C,edge,50.000,0.030,,
A,D,edge,50.000,0.000,,
A,S,across,,12.000,43.000,
B,C,corner,,0.030,,
B,D,corner,,0.000,,
B,E,edge,30.000,0.000,,
C,G,across,,12.000,42.970,
G,S,edge,50.000,0.000,,
"""


def write(plots: gpd.GeoDataFrame, name: str, **options: object) -> Path:
    path = Path(name)
    pyogrio.write_dataframe(plots, path, **options)
    return path
