"""The data's version rises when a transaction ends: until then a long import locks nobody else out of changes."""

from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

# A row lives from the first change of a transaction to its end, where it is taken away again.
UP = """
CREATE TABLE data_change (
    transaction_id xid8 CONSTRAINT pk_data_change PRIMARY KEY,
    n_changes integer NOT NULL
);

CREATE OR REPLACE FUNCTION raise_data_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO data_change AS known VALUES (pg_current_xact_id(), 1)
    ON CONFLICT (transaction_id) DO UPDATE SET n_changes = known.n_changes + 1;
    RETURN NULL;
END $$;

CREATE FUNCTION raise_data_version_at_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE data_version SET
        version = version + (SELECT n_changes FROM data_change WHERE transaction_id = NEW.transaction_id),
        changed_at = clock_timestamp();
    DELETE FROM data_change WHERE transaction_id = NEW.transaction_id;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER data_change_end AFTER INSERT ON data_change
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_data_version_at_end();
"""
DOWN = """
SET CONSTRAINTS data_change_end IMMEDIATE;
DROP TABLE data_change;
DROP FUNCTION raise_data_version_at_end;

CREATE OR REPLACE FUNCTION raise_data_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE data_version SET version = version + 1, changed_at = clock_timestamp();
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
