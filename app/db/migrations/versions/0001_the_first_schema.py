"""The first schema."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# Tables whose every change raises the data's version, and those whose changes by a person are audited.
VERSIONED = (
    "source",
    "park",
    "plot",
    "plot_version",
    "lineage",
    "facility",
    "footprint",
    "company",
    "occupancy",
    "succession",
    "walkway",
    "walkway_permission",
    "adjacency",
    "adjacency_override",
    "tour",
    "tour_stop",
    "tour_leg",
    "meeting",
    "participation",
)
DERIVED = ("adjacency", "tour_leg")

FUNCTIONS = """
INSERT INTO data_version (version, changed_at) VALUES (1, now());

CREATE FUNCTION raise_data_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE data_version SET version = version + 1, changed_at = clock_timestamp();
    RETURN NULL;
END $$;

CREATE FUNCTION write_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor text := nullif(current_setting('app.actor', true), '');
BEGIN
    IF actor IS NOT NULL THEN
        INSERT INTO audit_entry (actor, table_name, before, after)
        VALUES (
            actor,
            TG_TABLE_NAME,
            CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
            CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END
        );
    END IF;
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "audit_entry",
        sa.Column("audit_entry_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("audit_entry_id", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "company",
        sa.Column("company_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("wz_code", sa.Text(), nullable=True),
        sa.Column("wz_edition", sa.Text(), nullable=True),
        sa.Column("wz_basis", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.CheckConstraint("key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_company_key")),
        sa.CheckConstraint("name ~ '\\S'", name=op.f("ck_company_name_is_not_blank")),
        sa.CheckConstraint(
            "wz_basis IN ('register', 'stated', 'inferred')", name=op.f("ck_company_wz_basis")
        ),
        sa.CheckConstraint("wz_code ~ '^\\d{2}(\\.\\d{1,2}(\\.\\d)?)?$'", name=op.f("ck_company_wz_code")),
        sa.CheckConstraint("wz_edition IN ('2008', '2025')", name=op.f("ck_company_wz_edition")),
        sa.CheckConstraint(
            "num_nonnulls(wz_code, wz_edition, wz_basis) IN (0, 3)", name=op.f("ck_company_wz_is_whole")
        ),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_company")),
        sa.UniqueConstraint("key", name=op.f("uq_company_key")),
    )
    op.create_index("ix_company_group_name", "company", ["group_name"], unique=False)
    op.create_table(
        "data_version",
        sa.Column("is_only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("is_only_row", name=op.f("ck_data_version_one_row")),
        sa.PrimaryKeyConstraint("is_only_row", name=op.f("pk_data_version")),
    )
    op.create_table(
        "source",
        sa.Column("source_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("attribution", sa.Text(), nullable=True),
        sa.CheckConstraint("title ~ '\\S'", name=op.f("ck_source_title_is_not_blank")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source")),
        sa.UniqueConstraint("title", name=op.f("uq_source_title")),
    )
    op.create_geospatial_table(
        "footprint",
        sa.Column("footprint_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "geometry",
            Geometry(
                srid=25832,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("key"), "="), (sa.column("valid"), "&&"), using="gist", name="ex_footprint_key_valid"
        ),
        sa.CheckConstraint(
            "GeometryType(geometry) IN ('POLYGON', 'MULTIPOLYGON')", name=op.f("ck_footprint_geometry_type")
        ),
        sa.CheckConstraint("key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_footprint_key")),
        sa.CheckConstraint("kind IN ('building', 'parking')", name=op.f("ck_footprint_kind")),
        sa.CheckConstraint("NOT ST_IsEmpty(geometry)", name=op.f("ck_footprint_geometry_is_not_empty")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_footprint_valid_has_days")),
        sa.CheckConstraint("ST_Area(geometry) > 0", name=op.f("ck_footprint_geometry_has_area")),
        sa.CheckConstraint("ST_IsValid(geometry)", name=op.f("ck_footprint_geometry_is_valid")),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_footprint_source_id")),
        sa.PrimaryKeyConstraint("footprint_id", name=op.f("pk_footprint")),
    )
    op.create_geospatial_index(
        "ix_footprint_geometry",
        "footprint",
        ["geometry"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "park",
        sa.Column("park_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "geometry",
            Geometry(
                srid=25832,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("area_m2", sa.Float(), sa.Computed("ST_Area(geometry)", persisted=True), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "GeometryType(geometry) IN ('POLYGON', 'MULTIPOLYGON')", name=op.f("ck_park_geometry_type")
        ),
        sa.CheckConstraint("key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_park_key")),
        sa.CheckConstraint("name ~ '\\S'", name=op.f("ck_park_name_is_not_blank")),
        sa.CheckConstraint("NOT ST_IsEmpty(geometry)", name=op.f("ck_park_geometry_is_not_empty")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_park_valid_has_days")),
        sa.CheckConstraint("ST_Area(geometry) > 0", name=op.f("ck_park_geometry_has_area")),
        sa.CheckConstraint("ST_IsValid(geometry)", name=op.f("ck_park_geometry_is_valid")),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_park_source_id")),
        sa.PrimaryKeyConstraint("park_id", name=op.f("pk_park")),
        sa.UniqueConstraint("key", name=op.f("uq_park_key")),
    )
    op.create_geospatial_index(
        "ix_park_geometry", "park", ["geometry"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_table(
        "walkway",
        sa.Column("walkway_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("surface", sa.Text(), nullable=True),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="LINESTRING",
                srid=25832,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("length_m", sa.Float(), sa.Computed("ST_Length(geometry)", persisted=True), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("key"), "="), (sa.column("valid"), "&&"), using="gist", name="ex_walkway_key_valid"
        ),
        sa.CheckConstraint("GeometryType(geometry) IN ('LINESTRING')", name=op.f("ck_walkway_geometry_type")),
        sa.CheckConstraint("access IN ('public', 'permission')", name=op.f("ck_walkway_access")),
        sa.CheckConstraint("key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_walkway_key")),
        sa.CheckConstraint(
            "kind IN ('street', 'footway', 'path', 'steps', 'crossing', 'gate', 'yard')",
            name=op.f("ck_walkway_kind"),
        ),
        sa.CheckConstraint("NOT ST_IsEmpty(geometry)", name=op.f("ck_walkway_geometry_is_not_empty")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_walkway_valid_has_days")),
        sa.CheckConstraint("ST_IsValid(geometry)", name=op.f("ck_walkway_geometry_is_valid")),
        sa.CheckConstraint("ST_Length(geometry) > 0", name=op.f("ck_walkway_geometry_has_length")),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_walkway_source_id")),
        sa.PrimaryKeyConstraint("walkway_id", name=op.f("pk_walkway")),
    )
    op.create_geospatial_index(
        "ix_walkway_geometry",
        "walkway",
        ["geometry"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "plot",
        sa.Column("plot_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.CheckConstraint("key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_plot_key")),
        sa.ForeignKeyConstraint(["park_id"], ["park.park_id"], name=op.f("fk_plot_park_id")),
        sa.PrimaryKeyConstraint("plot_id", name=op.f("pk_plot")),
        sa.UniqueConstraint("key", name=op.f("uq_plot_key")),
        sa.UniqueConstraint("plot_id", "park_id", name=op.f("uq_plot_plot_id_park_id")),
    )
    op.create_index(op.f("ix_plot_park_id"), "plot", ["park_id"], unique=False)
    op.create_table(
        "tour",
        sa.Column("tour_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_basis", sa.Text(), nullable=False),
        sa.Column("pace_m_s", sa.Float(), nullable=False),
        sa.Column("is_round", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_tour_key")),
        sa.CheckConstraint("time_basis IN ('published', 'assumed')", name=op.f("ck_tour_time_basis")),
        sa.CheckConstraint("title ~ '\\S'", name=op.f("ck_tour_title_is_not_blank")),
        sa.CheckConstraint("pace_m_s > 0 AND pace_m_s < 5", name=op.f("ck_tour_pace_m_s")),
        sa.ForeignKeyConstraint(["park_id"], ["park.park_id"], name=op.f("fk_tour_park_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_tour_source_id")),
        sa.PrimaryKeyConstraint("tour_id", name=op.f("pk_tour")),
        sa.UniqueConstraint("key", name=op.f("uq_tour_key")),
    )
    op.create_index(op.f("ix_tour_park_id"), "tour", ["park_id"], unique=False)
    op.create_table(
        "adjacency_override",
        sa.Column("adjacency_override_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("focal_plot_id", sa.Integer(), nullable=False),
        sa.Column("neighbor_plot_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.literal_column("least(focal_plot_id, neighbor_plot_id)"), "="),
            (sa.literal_column("greatest(focal_plot_id, neighbor_plot_id)"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_adjacency_override_pair_valid",
        ),
        sa.CheckConstraint("decided_by ~ '\\S'", name=op.f("ck_adjacency_override_decided_by_is_not_blank")),
        sa.CheckConstraint("reason ~ '\\S'", name=op.f("ck_adjacency_override_reason_is_not_blank")),
        sa.CheckConstraint(
            "relation IN ('overlap', 'edge', 'corner', 'across', 'none')",
            name=op.f("ck_adjacency_override_relation"),
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_adjacency_override_valid_has_days")),
        sa.CheckConstraint(
            "focal_plot_id <> neighbor_plot_id", name=op.f("ck_adjacency_override_not_itself")
        ),
        sa.ForeignKeyConstraint(
            ["focal_plot_id"], ["plot.plot_id"], name=op.f("fk_adjacency_override_focal_plot_id")
        ),
        sa.ForeignKeyConstraint(
            ["neighbor_plot_id"], ["plot.plot_id"], name=op.f("fk_adjacency_override_neighbor_plot_id")
        ),
        sa.PrimaryKeyConstraint("adjacency_override_id", name=op.f("pk_adjacency_override")),
    )
    op.create_index(
        op.f("ix_adjacency_override_focal_plot_id"), "adjacency_override", ["focal_plot_id"], unique=False
    )
    op.create_index(
        op.f("ix_adjacency_override_neighbor_plot_id"),
        "adjacency_override",
        ["neighbor_plot_id"],
        unique=False,
    )
    op.create_geospatial_table(
        "facility",
        sa.Column("facility_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("plot_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("capacity_reserve", sa.Integer(), nullable=True),
        sa.Column("amenities", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("fee", sa.Text(), nullable=True),
        sa.Column("security_level", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("location_quality", sa.Text(), nullable=False),
        sa.Column(
            "geometry",
            Geometry(
                srid=25832,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("key"), "="), (sa.column("valid"), "&&"), using="gist", name="ex_facility_key_valid"
        ),
        sa.CheckConstraint(
            "GeometryType(geometry) IN ('POINT', 'POLYGON', 'MULTIPOLYGON')",
            name=op.f("ck_facility_geometry_type"),
        ),
        sa.CheckConstraint("key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_facility_key")),
        sa.CheckConstraint("kind IN ('truck_parking', 'bus_stop', 'fuel')", name=op.f("ck_facility_kind")),
        sa.CheckConstraint(
            "location_quality IN ('surveyed', 'mapped', 'address', 'street', 'schematic')",
            name=op.f("ck_facility_location_quality"),
        ),
        sa.CheckConstraint("name ~ '\\S'", name=op.f("ck_facility_name_is_not_blank")),
        sa.CheckConstraint("NOT ST_IsEmpty(geometry)", name=op.f("ck_facility_geometry_is_not_empty")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_facility_valid_has_days")),
        sa.CheckConstraint("ST_IsValid(geometry)", name=op.f("ck_facility_geometry_is_valid")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_facility_capacity")),
        sa.CheckConstraint("capacity_reserve >= 0", name=op.f("ck_facility_capacity_reserve")),
        sa.ForeignKeyConstraint(["park_id"], ["park.park_id"], name=op.f("fk_facility_park_id")),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.plot_id"], name=op.f("fk_facility_plot_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_facility_source_id")),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_facility")),
    )
    op.create_geospatial_index(
        "ix_facility_geometry",
        "facility",
        ["geometry"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_facility_park_id"), "facility", ["park_id"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("meeting_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("organizers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("program", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("tour_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_meeting_key")),
        sa.CheckConstraint("title ~ '\\S'", name=op.f("ck_meeting_title_is_not_blank")),
        sa.ForeignKeyConstraint(["park_id"], ["park.park_id"], name=op.f("fk_meeting_park_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_meeting_source_id")),
        sa.ForeignKeyConstraint(["tour_id"], ["tour.tour_id"], name=op.f("fk_meeting_tour_id")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("key", name=op.f("uq_meeting_key")),
    )
    op.create_index(op.f("ix_meeting_park_id"), "meeting", ["park_id"], unique=False)
    op.create_geospatial_table(
        "occupancy",
        sa.Column("occupancy_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("plot_id", sa.Integer(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("house_number", sa.Text(), nullable=True),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="POINT",
                srid=25832,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("location_quality", sa.Text(), nullable=False),
        sa.Column("starts_precision", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("company_id"), "="),
            (sa.column("plot_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("plot_id IS NOT NULL"),
            using="gist",
            name="ex_occupancy_company_plot_valid",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("key"), "="), (sa.column("valid"), "&&"), using="gist", name="ex_occupancy_key_valid"
        ),
        sa.CheckConstraint(
            "(starts_precision = 'unknown') = lower_inf(valid)",
            name=op.f("ck_occupancy_unknown_start_is_open"),
        ),
        sa.CheckConstraint("GeometryType(geometry) IN ('POINT')", name=op.f("ck_occupancy_geometry_type")),
        sa.CheckConstraint("key ~ '^[A-Za-z0-9][A-Za-z0-9._~-]*$'", name=op.f("ck_occupancy_key")),
        sa.CheckConstraint(
            "location_quality IN ('surveyed', 'mapped', 'address', 'street', 'schematic')",
            name=op.f("ck_occupancy_location_quality"),
        ),
        sa.CheckConstraint(
            "plot_id IS NOT NULL OR location_quality IN ('street', 'address')",
            name=op.f("ck_occupancy_place_without_plot"),
        ),
        sa.CheckConstraint(
            "starts_precision IN ('day', 'month', 'year', 'unknown')",
            name=op.f("ck_occupancy_starts_precision"),
        ),
        sa.CheckConstraint("NOT ST_IsEmpty(geometry)", name=op.f("ck_occupancy_geometry_is_not_empty")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_occupancy_valid_has_days")),
        sa.CheckConstraint("ST_IsValid(geometry)", name=op.f("ck_occupancy_geometry_is_valid")),
        sa.ForeignKeyConstraint(["company_id"], ["company.company_id"], name=op.f("fk_occupancy_company_id")),
        sa.ForeignKeyConstraint(["park_id"], ["park.park_id"], name=op.f("fk_occupancy_park_id")),
        sa.ForeignKeyConstraint(
            ["plot_id", "park_id"],
            ["plot.plot_id", "plot.park_id"],
            name=op.f("fk_occupancy_plot_id_park_id"),
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_occupancy_source_id")),
        sa.PrimaryKeyConstraint("occupancy_id", name=op.f("pk_occupancy")),
    )
    op.create_index(op.f("ix_occupancy_company_id"), "occupancy", ["company_id"], unique=False)
    op.create_geospatial_index(
        "ix_occupancy_geometry",
        "occupancy",
        ["geometry"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_occupancy_park_id"), "occupancy", ["park_id"], unique=False)
    op.create_index(op.f("ix_occupancy_plot_id"), "occupancy", ["plot_id"], unique=False)
    op.create_index("ix_occupancy_valid", "occupancy", ["valid"], unique=False, postgresql_using="gist")
    op.create_geospatial_table(
        "plot_version",
        sa.Column("plot_version_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("plot_id", sa.Integer(), nullable=False),
        sa.Column(
            "geometry",
            Geometry(
                srid=25832,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("use_status", sa.Text(), nullable=False),
        sa.Column("parcel_number", sa.Text(), nullable=True),
        sa.Column("official_area_m2", sa.Float(), nullable=True),
        sa.Column("area_m2", sa.Float(), sa.Computed("ST_Area(geometry)", persisted=True), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("plot_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_plot_version_plot_id_valid",
        ),
        sa.CheckConstraint(
            "GeometryType(geometry) IN ('POLYGON', 'MULTIPOLYGON')",
            name=op.f("ck_plot_version_geometry_type"),
        ),
        sa.CheckConstraint(
            "quality IN ('cadastre', 'surveyed', 'schematic')", name=op.f("ck_plot_version_quality")
        ),
        sa.CheckConstraint(
            "use_status IN ('occupied', 'facility', 'construction', 'vacant', 'green', 'unknown')",
            name=op.f("ck_plot_version_use_status"),
        ),
        sa.CheckConstraint("NOT ST_IsEmpty(geometry)", name=op.f("ck_plot_version_geometry_is_not_empty")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_plot_version_valid_has_days")),
        sa.CheckConstraint("ST_Area(geometry) > 0", name=op.f("ck_plot_version_geometry_has_area")),
        sa.CheckConstraint("ST_IsValid(geometry)", name=op.f("ck_plot_version_geometry_is_valid")),
        sa.CheckConstraint("official_area_m2 > 0", name=op.f("ck_plot_version_official_area_m2")),
        sa.ForeignKeyConstraint(
            ["plot_id"], ["plot.plot_id"], name=op.f("fk_plot_version_plot_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_plot_version_source_id")),
        sa.PrimaryKeyConstraint("plot_version_id", name=op.f("pk_plot_version")),
    )
    op.create_geospatial_index(
        "ix_plot_version_geometry",
        "plot_version",
        ["geometry"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("ix_plot_version_valid", "plot_version", ["valid"], unique=False, postgresql_using="gist")
    op.create_table(
        "succession",
        sa.Column("succession_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("plot_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('handover', 'takeover', 'rename', 'replacement')", name=op.f("ck_succession_kind")
        ),
        sa.CheckConstraint(
            "precision IN ('day', 'month', 'year', 'unknown')", name=op.f("ck_succession_precision")
        ),
        sa.CheckConstraint("predecessor_id <> successor_id", name=op.f("ck_succession_not_itself")),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.plot_id"], name=op.f("fk_succession_plot_id")),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["company.company_id"], name=op.f("fk_succession_predecessor_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name=op.f("fk_succession_source_id")),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["company.company_id"], name=op.f("fk_succession_successor_id")
        ),
        sa.PrimaryKeyConstraint("succession_id", name=op.f("pk_succession")),
        sa.UniqueConstraint(
            "predecessor_id",
            "successor_id",
            "plot_id",
            name=op.f("uq_succession_predecessor_id_successor_id_plot_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_succession_predecessor_id"), "succession", ["predecessor_id"], unique=False)
    op.create_index(op.f("ix_succession_successor_id"), "succession", ["successor_id"], unique=False)
    op.create_geospatial_table(
        "tour_leg",
        sa.Column("tour_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="LINESTRING",
                srid=25832,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("length_m", sa.Float(), sa.Computed("ST_Length(geometry)", persisted=True), nullable=False),
        sa.Column("network_from_m", sa.Float(), nullable=True),
        sa.Column("network_to_m", sa.Float(), nullable=True),
        sa.Column("walk_s", sa.Float(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "0 <= network_from_m AND network_from_m <= network_to_m", name=op.f("ck_tour_leg_network_order")
        ),
        sa.CheckConstraint(
            "num_nonnulls(network_from_m, network_to_m) IN (0, 2)", name=op.f("ck_tour_leg_network_is_whole")
        ),
        sa.CheckConstraint("position >= 1", name=op.f("ck_tour_leg_position")),
        sa.CheckConstraint("walk_s >= 0", name=op.f("ck_tour_leg_walk_s")),
        sa.ForeignKeyConstraint(
            ["tour_id"], ["tour.tour_id"], name=op.f("fk_tour_leg_tour_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tour_id", "position", name=op.f("pk_tour_leg")),
    )
    op.create_table(
        "walkway_permission",
        sa.Column("walkway_permission_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("walkway_id", sa.Integer(), nullable=False),
        sa.Column("tour_id", sa.Integer(), nullable=True),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=True),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("granted_by ~ '\\S'", name=op.f("ck_walkway_permission_granted_by_is_not_blank")),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_walkway_permission_valid_has_days")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_walkway_permission_opens_before_it_closes")),
        sa.ForeignKeyConstraint(
            ["tour_id"], ["tour.tour_id"], name=op.f("fk_walkway_permission_tour_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["walkway_id"],
            ["walkway.walkway_id"],
            name=op.f("fk_walkway_permission_walkway_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("walkway_permission_id", name=op.f("pk_walkway_permission")),
    )
    op.create_index(
        op.f("ix_walkway_permission_walkway_id"), "walkway_permission", ["walkway_id"], unique=False
    )
    op.create_geospatial_table(
        "adjacency",
        sa.Column("adjacency_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("focal_version_id", sa.Integer(), nullable=False),
        sa.Column("neighbor_version_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("shared_m", sa.Float(), nullable=True),
        sa.Column("gap_m", sa.Float(), nullable=True),
        sa.Column("facing_m", sa.Float(), nullable=True),
        sa.Column("overlap_m2", sa.Float(), nullable=True),
        sa.Column(
            "geometry",
            Geometry(
                srid=25832,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.literal_column("least(focal_version_id, neighbor_version_id)"), "="),
            (sa.literal_column("greatest(focal_version_id, neighbor_version_id)"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_adjacency_pair_valid",
        ),
        sa.CheckConstraint(
            "(facing_m IS NOT NULL) = (relation = 'across')", name=op.f("ck_adjacency_facing_m")
        ),
        sa.CheckConstraint(
            "(overlap_m2 IS NOT NULL) = (relation = 'overlap')", name=op.f("ck_adjacency_overlap_m2")
        ),
        sa.CheckConstraint(
            "relation IN ('overlap', 'edge', 'corner', 'across')", name=op.f("ck_adjacency_relation")
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_adjacency_valid_has_days")),
        sa.CheckConstraint("focal_version_id <> neighbor_version_id", name=op.f("ck_adjacency_not_itself")),
        sa.CheckConstraint(
            "least(shared_m, gap_m, facing_m, overlap_m2) >= 0", name=op.f("ck_adjacency_measures")
        ),
        sa.ForeignKeyConstraint(
            ["focal_version_id"],
            ["plot_version.plot_version_id"],
            name=op.f("fk_adjacency_focal_version_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["neighbor_version_id"],
            ["plot_version.plot_version_id"],
            name=op.f("fk_adjacency_neighbor_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("adjacency_id", name=op.f("pk_adjacency")),
    )
    op.create_index("ix_adjacency_focal_version_id", "adjacency", ["focal_version_id"], unique=False)
    op.create_geospatial_index(
        "ix_adjacency_geometry",
        "adjacency",
        ["geometry"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("ix_adjacency_neighbor_version_id", "adjacency", ["neighbor_version_id"], unique=False)
    op.create_table(
        "lineage",
        sa.Column("parent_version_id", sa.Integer(), nullable=False),
        sa.Column("child_version_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('split', 'merge', 'redraw')", name=op.f("ck_lineage_kind")),
        sa.CheckConstraint("parent_version_id <> child_version_id", name=op.f("ck_lineage_not_itself")),
        sa.ForeignKeyConstraint(
            ["child_version_id"],
            ["plot_version.plot_version_id"],
            name=op.f("fk_lineage_child_version_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["parent_version_id"],
            ["plot_version.plot_version_id"],
            name=op.f("fk_lineage_parent_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("parent_version_id", "child_version_id", name=op.f("pk_lineage")),
    )
    op.create_index(op.f("ix_lineage_child_version_id"), "lineage", ["child_version_id"], unique=False)
    op.create_table(
        "participation",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('invited', 'accepted', 'declined', 'attended', 'absent', 'hosted')",
            name=op.f("ck_participation_role"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.company_id"], name=op.f("fk_participation_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meeting.meeting_id"],
            name=op.f("fk_participation_meeting_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("meeting_id", "company_id", name=op.f("pk_participation")),
    )
    op.create_index(op.f("ix_participation_company_id"), "participation", ["company_id"], unique=False)
    op.create_geospatial_table(
        "tour_stop",
        sa.Column("tour_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("occupancy_id", sa.Integer(), nullable=True),
        sa.Column("facility_id", sa.Integer(), nullable=True),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="POINT",
                srid=25832,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("location_quality", sa.Text(), nullable=False),
        sa.Column("dwell_min", sa.Float(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("GeometryType(geometry) IN ('POINT')", name=op.f("ck_tour_stop_geometry_type")),
        sa.CheckConstraint(
            "location_quality IN ('surveyed', 'mapped', 'address', 'street', 'schematic')",
            name=op.f("ck_tour_stop_location_quality"),
        ),
        sa.CheckConstraint("name ~ '\\S'", name=op.f("ck_tour_stop_name_is_not_blank")),
        sa.CheckConstraint("NOT ST_IsEmpty(geometry)", name=op.f("ck_tour_stop_geometry_is_not_empty")),
        sa.CheckConstraint("ST_IsValid(geometry)", name=op.f("ck_tour_stop_geometry_is_valid")),
        sa.CheckConstraint("dwell_min >= 0", name=op.f("ck_tour_stop_dwell_min")),
        sa.CheckConstraint(
            "num_nonnulls(occupancy_id, facility_id) <= 1", name=op.f("ck_tour_stop_one_place")
        ),
        sa.CheckConstraint("position >= 1", name=op.f("ck_tour_stop_position")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.facility_id"], name=op.f("fk_tour_stop_facility_id")
        ),
        sa.ForeignKeyConstraint(
            ["occupancy_id"], ["occupancy.occupancy_id"], name=op.f("fk_tour_stop_occupancy_id")
        ),
        sa.ForeignKeyConstraint(
            ["tour_id"], ["tour.tour_id"], name=op.f("fk_tour_stop_tour_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tour_id", "position", name=op.f("pk_tour_stop")),
    )
    op.execute(FUNCTIONS)
    for table in VERSIONED:
        op.execute(
            f"CREATE TRIGGER {table}_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION raise_data_version()"
        )
    for table in set(VERSIONED) - set(DERIVED):
        op.execute(
            f"CREATE TRIGGER {table}_audit AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION write_audit_entry()"
        )


def downgrade() -> None:
    op.drop_geospatial_table("tour_stop")
    op.drop_index(op.f("ix_participation_company_id"), table_name="participation")
    op.drop_table("participation")
    op.drop_index(op.f("ix_lineage_child_version_id"), table_name="lineage")
    op.drop_table("lineage")
    op.drop_index("ix_adjacency_neighbor_version_id", table_name="adjacency")
    op.drop_geospatial_index(
        "ix_adjacency_geometry", table_name="adjacency", postgresql_using="gist", column_name="geometry"
    )
    op.drop_index("ix_adjacency_focal_version_id", table_name="adjacency")
    op.drop_geospatial_table("adjacency")
    op.drop_index(op.f("ix_walkway_permission_walkway_id"), table_name="walkway_permission")
    op.drop_table("walkway_permission")
    op.drop_geospatial_table("tour_leg")
    op.drop_index(op.f("ix_succession_successor_id"), table_name="succession")
    op.drop_index(op.f("ix_succession_predecessor_id"), table_name="succession")
    op.drop_table("succession")
    op.drop_index("ix_plot_version_valid", table_name="plot_version", postgresql_using="gist")
    op.drop_geospatial_index(
        "ix_plot_version_geometry", table_name="plot_version", postgresql_using="gist", column_name="geometry"
    )
    op.drop_geospatial_table("plot_version")
    op.drop_index("ix_occupancy_valid", table_name="occupancy", postgresql_using="gist")
    op.drop_index(op.f("ix_occupancy_plot_id"), table_name="occupancy")
    op.drop_index(op.f("ix_occupancy_park_id"), table_name="occupancy")
    op.drop_geospatial_index(
        "ix_occupancy_geometry", table_name="occupancy", postgresql_using="gist", column_name="geometry"
    )
    op.drop_index(op.f("ix_occupancy_company_id"), table_name="occupancy")
    op.drop_geospatial_table("occupancy")
    op.drop_index(op.f("ix_meeting_park_id"), table_name="meeting")
    op.drop_table("meeting")
    op.drop_index(op.f("ix_facility_park_id"), table_name="facility")
    op.drop_geospatial_index(
        "ix_facility_geometry", table_name="facility", postgresql_using="gist", column_name="geometry"
    )
    op.drop_geospatial_table("facility")
    op.drop_index(op.f("ix_adjacency_override_neighbor_plot_id"), table_name="adjacency_override")
    op.drop_index(op.f("ix_adjacency_override_focal_plot_id"), table_name="adjacency_override")
    op.drop_table("adjacency_override")
    op.drop_index(op.f("ix_tour_park_id"), table_name="tour")
    op.drop_table("tour")
    op.drop_index(op.f("ix_plot_park_id"), table_name="plot")
    op.drop_table("plot")
    op.drop_geospatial_index(
        "ix_walkway_geometry", table_name="walkway", postgresql_using="gist", column_name="geometry"
    )
    op.drop_geospatial_table("walkway")
    op.drop_geospatial_index(
        "ix_park_geometry", table_name="park", postgresql_using="gist", column_name="geometry"
    )
    op.drop_geospatial_table("park")
    op.drop_geospatial_index(
        "ix_footprint_geometry", table_name="footprint", postgresql_using="gist", column_name="geometry"
    )
    op.drop_geospatial_table("footprint")
    op.drop_table("source")
    op.drop_table("data_version")
    op.drop_index("ix_company_group_name", table_name="company")
    op.drop_table("company")
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION raise_data_version")
    op.execute("DROP FUNCTION write_audit_entry")
