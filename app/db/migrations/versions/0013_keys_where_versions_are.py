"""Versions of plots carry the keys of their plot and park, by which pages of plots are found and put in order."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Whoever stores a version sees the keys as they are, and lets nobody change them until the version is there
# for all to see: who changes a key then finds it.
TRIGGERS = """
CREATE FUNCTION carry_plot_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT plot.key, park.key INTO NEW.plot_key, NEW.park_key
    FROM plot JOIN park USING (park_id) WHERE plot.plot_id = NEW.plot_id FOR KEY SHARE;
    IF NOT FOUND THEN
        -- The foreign key refuses it.
        NEW.plot_key := '';
        NEW.park_key := '';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER plot_version_keys BEFORE INSERT OR UPDATE OF plot_id, plot_key, park_key ON plot_version
FOR EACH ROW EXECUTE FUNCTION carry_plot_keys();

-- Each version takes the keys anew, whatever is set here.
CREATE FUNCTION carry_keys_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'plot' THEN
        UPDATE plot_version SET plot_key = NEW.key WHERE plot_id = NEW.plot_id;
    ELSE
        UPDATE plot_version SET park_key = NEW.key
        FROM plot WHERE plot.park_id = NEW.park_id AND plot_version.plot_id = plot.plot_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER plot_keys AFTER UPDATE OF key, park_id ON plot
FOR EACH ROW EXECUTE FUNCTION carry_keys_on();
CREATE TRIGGER park_keys AFTER UPDATE OF key ON park
FOR EACH ROW EXECUTE FUNCTION carry_keys_on();
"""
# No change of data: nobody made it, and what was answered stays true.
FILL = """
ALTER TABLE plot_version DISABLE TRIGGER USER;
UPDATE plot_version SET plot_key = plot.key, park_key = park.key
FROM plot JOIN park USING (park_id) WHERE plot.plot_id = plot_version.plot_id;
ALTER TABLE plot_version ENABLE TRIGGER USER;
"""


def upgrade() -> None:
    for name in ("plot_key", "park_key"):
        op.add_column("plot_version", sa.Column(name, sa.Text()))
    op.execute(FILL)
    for name in ("plot_key", "park_key"):
        op.alter_column("plot_version", name, nullable=False)
    op.create_index("ix_plot_version_plot_key", "plot_version", ["plot_key"])
    op.execute(TRIGGERS)


def downgrade() -> None:
    op.execute("DROP TRIGGER park_keys ON park")
    op.execute("DROP TRIGGER plot_keys ON plot")
    op.execute("DROP TRIGGER plot_version_keys ON plot_version")
    op.execute("DROP FUNCTION carry_keys_on")
    op.execute("DROP FUNCTION carry_plot_keys")
    op.drop_index("ix_plot_version_plot_key", "plot_version")
    for name in ("plot_key", "park_key"):
        op.drop_column("plot_version", name)
