"""Files of neighbor pairs: CSV and Parquet, written as the pairs come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.domain.kinds import Relation
from app.exchange.sorted_runs import in_blocks

COLUMNS = ("focal", "neighbor", "relation", "shared_m", "gap_m", "facing_m", "overlap_m2")
MEASURES = COLUMNS[3:]

# Rows of a row group, and of a piece of CSV: fixed, so that a file does not show in which parts it was made.
GROUP_ROWS = 2**16


def pair_table(focal: pa.Array, neighbor: pa.Array, relation: pa.Array, measures: list[pa.Array]) -> pa.Table:
    """Return pairs as a table with the columns `COLUMNS`.

    Parameters
    ----------
    focal, neighbor : Arrow arrays of text or numbers
    relation : Arrow array of int8
        Position in `Relation`.
    measures : four Arrow arrays of float64
        In the order of `MEASURES`, null where one does not apply.
    """
    return pa.table([focal, neighbor, relation, *measures], names=list(COLUMNS))


def write_csv(pairs: Iterator[pa.Table], sink: BinaryIO) -> None:
    """Write pairs as CSV: lengths and areas with three decimals, empty where one does not apply.

    Parameters
    ----------
    pairs : iterator of tables
        As `pair_table` returns them, in the order in which they are to be written.
    sink : binary stream
    """
    sink.write((",".join(COLUMNS) + "\n").encode())
    for rows in in_blocks(pairs, GROUP_ROWS):
        sink.write(_lines(rows))


def _lines(rows: pa.Table) -> memoryview:
    """Return rows as lines of text."""
    lengths = [_decimals(rows[name]) for name in MEASURES]
    # The line break is an item of its own, so that the texts lie one after the other in memory as a file.
    texts = [_quoted(rows["focal"]), _quoted(rows["neighbor"]), _names(rows["relation"]), *lengths]
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(*texts, ","), "", "\n").combine_chunks()
    _, offsets, text = lines.buffers()
    ends = memoryview(offsets).cast("i")
    first, last = ends[lines.offset], ends[lines.offset + len(lines)]
    return memoryview(text)[first:last]


def _quoted(keys: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return keys as text, in quotes where CSV needs them."""
    text = keys.cast(pa.string())
    doubled = pc.replace_substring(text, '"', '""')
    in_quotes = pc.binary_join_element_wise('"', doubled, '"', "")
    return pc.if_else(pc.match_substring_regex(text, '[",\r\n]'), in_quotes, text)


def _names(relation: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.take(pa.array([str(name) for name in Relation]), relation)


def _decimals(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(values.cast(pa.decimal128(18, 3)).cast(pa.string()), "")


def write_parquet(
    pairs: Iterator[pa.Table], sink: BinaryIO, keys: pa.DataType, metadata: Mapping[str, str]
) -> None:
    """Write pairs as Parquet.

    Parameters
    ----------
    pairs : iterator of tables
        As `pair_table` returns them, in the order in which they are to be written.
    sink : binary stream
    keys : Arrow type
        Of the keys, for a file without pairs has it, too.
    metadata : mapping of str to str
        Metadata of the file.
    """
    measures = [pa.field(name, pa.float64()) for name in MEASURES]
    named = [pa.field("focal", keys), pa.field("neighbor", keys), pa.field("relation", pa.string())]
    schema = pa.schema([*named, *measures], metadata=dict(metadata))
    with pq.ParquetWriter(sink, schema, compression="zstd") as file:
        for rows in in_blocks(pairs, GROUP_ROWS):
            text = rows.set_column(2, "relation", _names(rows["relation"]))
            file.write_table(text.cast(schema), row_group_size=GROUP_ROWS)
