"""Indexes by which pages of plots and pages of neighbor pairs are found."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CONSTRAINT = "ex_plot_version_plot_id_valid"


def upgrade() -> None:
    op.create_index("ix_plot_version_plot_id", "plot_version", ["plot_id"])
    op.create_index("ix_plot_version_area_m2", "plot_version", ["area_m2"], postgresql_include=["valid"])
    _exclude("(plot_id + 0)")


def _exclude(plot: str) -> None:
    """Make the exclusion of overlapping versions anew."""
    op.drop_constraint(op.f(CONSTRAINT), "plot_version")
    op.create_exclude_constraint(
        op.f(CONSTRAINT),
        "plot_version",
        (sa.literal_column(plot), "="),
        (sa.column("valid"), "&&"),
        using="gist",
    )


def downgrade() -> None:
    _exclude("plot_id")
    op.drop_index("ix_plot_version_area_m2", "plot_version")
    op.drop_index("ix_plot_version_plot_id", "plot_version")
