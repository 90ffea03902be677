"""A park's outline gets periods, a plot's first day its precision, and plots a marketing status over time."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OF_VERSION = ("name", "geometry", "valid", "source_id")
PARK_CHECKS = {
    "geometry_type": "GeometryType(geometry) IN ('POLYGON', 'MULTIPOLYGON')",
    "name_is_not_blank": r"name ~ '\S'",
    "geometry_is_not_empty": "NOT ST_IsEmpty(geometry)",
    "valid_has_days": "NOT isempty(valid)",
    "geometry_has_area": "ST_Area(geometry) > 0",
    "geometry_is_valid": "ST_IsValid(geometry)",
}
PRECISION = "starts_precision IN ('day', 'month', 'year', 'unknown')"
OPEN_START = "(starts_precision = 'unknown') = lower_inf(valid)"
CASES = (
    "arrival",
    "expansion",
    "move",
    "succession",
    "departure",
    "placement",
    "attributes",
    "use_change",
    "marketing",
    "day",
    "undo",
    "restore",
    "import",
    "other",
)
# A park begins and ends as it did; in between it has an outline on every day.
PARK_TRIGGERS = """
CREATE TRIGGER park_version_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON park_version
FOR EACH STATEMENT EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER park_version_audit AFTER INSERT OR UPDATE OR DELETE ON park_version
FOR EACH ROW EXECUTE FUNCTION write_audit_entry();

CREATE FUNCTION check_park_has_outline() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own integer := CASE WHEN TG_OP = 'DELETE' THEN OLD.park_id ELSE NEW.park_id END;
    days datemultirange := (SELECT range_agg(valid) FROM park_version WHERE park_id = own);
BEGIN
    IF EXISTS (SELECT FROM park WHERE park_id = own)
       AND days IS DISTINCT FROM datemultirange(range_merge(days)) OR days IS NULL
       AND EXISTS (SELECT FROM park WHERE park_id = own) THEN
        RAISE EXCEPTION 'park %: there are days on which it has no outline', own
        USING ERRCODE = 'check_violation', CONSTRAINT = 'park_has_outline_on_all_days';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER park_has_outline_on_all_days AFTER INSERT ON park
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_park_has_outline();
CREATE CONSTRAINT TRIGGER park_version_on_all_days
AFTER INSERT OR DELETE OR UPDATE OF park_id, valid ON park_version
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_park_has_outline();
"""
# What was noted of a park is from now on a note of the only version there was.
VERSION = "{image} - 'key' || jsonb_build_object('park_version_id', version.park_version_id)"
KEY = "jsonb_build_object('park_id', {image} -> 'park_id', 'key', {image} -> 'key')"
PARK_RECORD = f"""
INSERT INTO audit_entry (happened_at, actor, table_name, before, after, change_set_id)
SELECT happened_at, actor, 'park_version', {VERSION.format(image="before")},
       {VERSION.format(image="after")}, change_set_id
FROM audit_entry entry
JOIN park_version version ON version.park_id = (coalesce(after, before) ->> 'park_id')::integer
WHERE table_name = 'park' ORDER BY audit_entry_id;
DELETE FROM audit_entry WHERE table_name = 'park' AND before ->> 'key' = after ->> 'key';
UPDATE audit_entry SET
    before = CASE WHEN before IS NOT NULL THEN {KEY.format(image="before")} END,
    after = CASE WHEN after IS NOT NULL THEN {KEY.format(image="after")} END
WHERE table_name = 'park';
"""
LATEST = f"""
UPDATE park SET {", ".join(f"{name} = version.{name}" for name in OF_VERSION)}
FROM (SELECT DISTINCT ON (park_id) * FROM park_version ORDER BY park_id, valid DESC) version
WHERE version.park_id = park.park_id;
UPDATE park SET valid = (SELECT range_merge(range_agg(v.valid)) FROM park_version v WHERE v.park_id = park.park_id)
"""
# Days that were stored so far were told as days.
KNOWN = "CASE WHEN lower_inf({valid}) THEN 'unknown' ELSE 'day' END"
IMAGE = (
    "{image} || jsonb_build_object('starts_precision', "
    + KNOWN.format(valid="({image} ->> 'valid')::daterange")
    + ")"
)
PRECISION_RECORD = f"""
UPDATE audit_entry SET before = {IMAGE.format(image="before")}, after = {IMAGE.format(image="after")}
WHERE table_name = 'plot_version'
"""
# Who says nothing of it knows the day.
CARRY = """
CREATE OR REPLACE FUNCTION carry_plot_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT plot.key, park.key INTO NEW.plot_key, NEW.park_key
    FROM plot JOIN park USING (park_id) WHERE plot.plot_id = NEW.plot_id FOR KEY SHARE;
    IF NOT FOUND THEN
        -- The foreign key refuses it.
        NEW.plot_key := '';
        NEW.park_key := '';
    END IF;{precision}
    RETURN NEW;
END $$;
"""
PRECISION_DEFAULT = """
    NEW.starts_precision := coalesce(
        NEW.starts_precision, CASE WHEN lower_inf(NEW.valid) THEN 'unknown' ELSE 'day' END
    );"""
MARKETING_TRIGGERS = """
CREATE TRIGGER plot_marketing_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON plot_marketing
FOR EACH STATEMENT EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER plot_marketing_audit AFTER INSERT OR UPDATE OR DELETE ON plot_marketing
FOR EACH ROW EXECUTE FUNCTION write_audit_entry();
"""


def upgrade() -> None:
    _quietly("park", _make_park_versions)
    op.execute(PARK_TRIGGERS)
    op.add_column("plot_version", sa.Column("starts_precision", sa.Text(), nullable=True))
    _quietly(
        "plot_version",
        lambda: op.execute(f"UPDATE plot_version SET starts_precision = {KNOWN.format(valid='valid')}"),
    )
    op.execute(PRECISION_RECORD)
    op.alter_column("plot_version", "starts_precision", nullable=False)
    _check("plot_version", "starts_precision", PRECISION)
    _check("plot_version", "unknown_start_is_open", OPEN_START)
    op.execute(CARRY.format(precision=PRECISION_DEFAULT))
    _make_marketing()
    _allow(CASES)


def _quietly(table: str, act) -> None:
    """Do what nobody has changed: no audit, and what was answered stays true."""
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    act()
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _check(table: str, name: str, rule: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _allow(cases: tuple[str, ...]) -> None:
    # What was moved here may have been recorded, which waits for the end.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute("SET CONSTRAINTS ALL DEFERRED")
    op.drop_constraint(op.f("ck_change_set_business_case"), "change_set")
    _check("change_set", "business_case", f"business_case IN ({', '.join(map(repr, cases))})")


def _geometry() -> sa.Column:
    kind = Geometry(srid=25832, spatial_index=False, nullable=False)
    return sa.Column("geometry", kind, nullable=False)


def _area() -> sa.Column:
    return sa.Column("area_m2", sa.Float(), sa.Computed("ST_Area(geometry)", persisted=True), nullable=False)


def _make_park_versions() -> None:
    op.create_table(
        "park_version",
        sa.Column("park_version_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _geometry(),
        _area(),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("park_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_park_version_park_id_valid",
            deferrable=True,
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_park_version_{name}"))
            for name, rule in PARK_CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["park_id"], ["park.park_id"], name=op.f("fk_park_version_park_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_park_version_source_id")),
        sa.PrimaryKeyConstraint("park_version_id", name=op.f("pk_park_version")),
    )
    op.execute(
        f"INSERT INTO park_version (park_id, {', '.join(OF_VERSION)})"
        f" SELECT park_id, {', '.join(OF_VERSION)} FROM park ORDER BY park_id"
    )
    op.create_index("ix_park_version_park_id", "park_version", ["park_id"])
    op.create_index("ix_park_version_geometry", "park_version", ["geometry"], postgresql_using="gist")
    op.execute(PARK_RECORD)
    op.drop_column("park", "area_m2")
    for name in OF_VERSION:
        # With a column go its constraints and its index.
        op.drop_column("park", name)


def _make_marketing() -> None:
    op.create_table(
        "plot_marketing",
        sa.Column("plot_marketing_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("plot_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("internal_note", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Text(), nullable=True),
        sa.Column("starts_precision", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("plot_key"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_plot_marketing_plot_key_valid",
            deferrable=True,
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_plot_marketing_valid_has_days")),
        sa.CheckConstraint(
            "status IN ('available', 'reserved', 'allocated', 'unavailable')",
            name=op.f("ck_plot_marketing_status"),
        ),
        sa.CheckConstraint(PRECISION, name=op.f("ck_plot_marketing_starts_precision")),
        sa.CheckConstraint(OPEN_START, name=op.f("ck_plot_marketing_unknown_start_is_open")),
        sa.ForeignKeyConstraint(
            ["plot_key"],
            ["plot.key"],
            name=op.f("fk_plot_marketing_plot_key"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.source_id"], name=op.f("fk_plot_marketing_source_id")
        ),
        sa.PrimaryKeyConstraint("plot_marketing_id", name=op.f("pk_plot_marketing")),
    )
    op.create_index("ix_plot_marketing_plot_key", "plot_marketing", ["plot_key"])
    op.execute(MARKETING_TRIGGERS)


def downgrade() -> None:
    op.execute("UPDATE change_set SET business_case = 'other' WHERE business_case = 'marketing'")
    _allow(tuple(case for case in CASES if case != "marketing"))
    op.execute("DELETE FROM audit_entry WHERE table_name = 'plot_marketing'")
    op.drop_table("plot_marketing")
    op.execute(CARRY.format(precision=""))
    op.drop_column("plot_version", "starts_precision")
    op.execute(
        "UPDATE audit_entry SET before = before - 'starts_precision', after = after - 'starts_precision'"
        " WHERE table_name = 'plot_version'"
    )
    _quietly("park", _take_park_versions_back)
    op.execute("DROP FUNCTION check_park_has_outline")


def _take_park_versions_back() -> None:
    op.execute("DROP TRIGGER park_has_outline_on_all_days ON park")
    op.add_column("park", sa.Column("name", sa.Text(), nullable=True))
    kind = Geometry(srid=25832, spatial_index=False)
    op.add_column("park", sa.Column("geometry", kind, nullable=True))
    op.add_column("park", _area_of_park())
    op.add_column("park", sa.Column("valid", postgresql.DATERANGE(), nullable=True))
    op.add_column("park", sa.Column("source_id", sa.Integer(), nullable=True))
    # The names and outlines of earlier years are lost.
    op.execute(LATEST)
    for name in ("name", "geometry", "valid", "area_m2"):
        op.alter_column("park", name, nullable=False)
    for name, rule in PARK_CHECKS.items():
        _check("park", name, rule)
    op.create_foreign_key(op.f("fk_park_source_id"), "park", "source", ["source_id"], ["source_id"])
    op.create_index("ix_park_geometry", "park", ["geometry"], postgresql_using="gist")
    op.drop_table("park_version")


def _area_of_park() -> sa.Column:
    return sa.Column("area_m2", sa.Float(), sa.Computed("ST_Area(geometry)", persisted=True), nullable=True)
