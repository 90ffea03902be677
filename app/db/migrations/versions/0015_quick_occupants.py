"""Who is on a plot is found by the plot's own index, not through the one that keeps periods apart.

As for versions of plots (0004): that index begins with the company, so that all of it is read for every plot.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CONSTRAINT = "ex_occupancy_company_plot_valid"


def upgrade() -> None:
    _exclude("(company_id + 0)", "(plot_id + 0)")


def downgrade() -> None:
    _exclude("company_id", "plot_id")


def _exclude(company: str, plot: str) -> None:
    op.drop_constraint(op.f(CONSTRAINT), "occupancy")
    op.create_exclude_constraint(
        op.f(CONSTRAINT),
        "occupancy",
        (sa.literal_column(company), "="),
        (sa.literal_column(plot), "="),
        (sa.column("valid"), "&&"),
        using="gist",
        where=sa.text("plot_id IS NOT NULL"),
    )
