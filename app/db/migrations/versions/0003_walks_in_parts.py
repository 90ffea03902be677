"""Walks that join and leave the network more than once; times that were planned."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MEASURES = ("network_from_m", "network_to_m")
LEG_CHECKS = {
    "network_begins": "lower(network_m) >= 0",
    "network_ends": "upper(network_m) <= length_m + 0.001",
}
# As they were before.
OLD_LEG_CHECKS = {
    "network_is_whole": "num_nonnulls(network_from_m, network_to_m) IN (0, 2)",
    "network_order": "0 <= network_from_m AND network_from_m <= network_to_m",
}


def upgrade() -> None:
    op.add_column(
        "tour_leg",
        sa.Column("network_m", postgresql.NUMMULTIRANGE(), server_default=sa.text("'{}'"), nullable=False),
    )
    _change(
        "tour_leg",
        "network_m = nummultirange(numrange(network_from_m::numeric, least(network_to_m, length_m)::numeric))",
        "network_from_m <= least(network_to_m, length_m)",
    )
    _replace_checks("tour_leg", OLD_LEG_CHECKS, LEG_CHECKS)
    for name in MEASURES:
        op.drop_column("tour_leg", name)
    _replace_time_bases("published", "planned", "assumed")
    _change("tour", "time_basis = 'planned'", "wish IS NOT NULL")


def _change(table: str, values: str, which: str) -> None:
    """Update rows; where there are none the data's version does not rise."""
    if op.get_bind().execute(sa.text(f"SELECT EXISTS (SELECT FROM {table} WHERE {which})")).scalar_one():
        op.execute(f"UPDATE {table} SET {values} WHERE {which}")


def _replace_checks(table: str, old: dict[str, str], new: dict[str, str]) -> None:
    for name in old:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for name, rule in new.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _replace_time_bases(*known: str) -> None:
    values = ", ".join(f"'{each}'" for each in known)
    _replace_checks("tour", {"time_basis": ""}, {"time_basis": f"time_basis IN ({values})"})


def downgrade() -> None:
    _change("tour", "time_basis = 'assumed'", "time_basis = 'planned'")
    _replace_time_bases("published", "assumed")
    for name in MEASURES:
        op.add_column("tour_leg", sa.Column(name, sa.Float(), nullable=True))
    _change(
        "tour_leg",
        "network_from_m = lower(network_m), network_to_m = upper(network_m)",
        "(SELECT count(*) FROM unnest(network_m)) = 1",
    )
    _replace_checks("tour_leg", LEG_CHECKS, OLD_LEG_CHECKS)
    op.drop_column("tour_leg", "network_m")
