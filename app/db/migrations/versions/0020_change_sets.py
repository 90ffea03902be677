"""What is changed together is one change set; every audit entry says of which it is a part."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KINDS = {
    "business_case": (
        "arrival",
        "expansion",
        "move",
        "succession",
        "departure",
        "placement",
        "attributes",
        "use_change",
        "day",
        "undo",
        "restore",
        "import",
        "other",
    ),
    "intent": ("correct", "change"),
}
# Made with the first change of a transaction, unless it was begun explicitly: what changes nothing leaves none.
TRIGGERS = """
CREATE FUNCTION join_change_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.change_set_id := nullif(current_setting('app.change_set', true), '')::integer;
    IF NEW.change_set_id IS NULL THEN
        INSERT INTO change_set (person, business_case)
        VALUES (NEW.actor, coalesce(nullif(current_setting('app.business_case', true), ''), 'other'))
        RETURNING change_set_id INTO NEW.change_set_id;
        PERFORM set_config('app.change_set', NEW.change_set_id::text, true);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_entry_change_set BEFORE INSERT ON audit_entry
FOR EACH ROW EXECUTE FUNCTION join_change_set();

-- Those who end their transactions wait for one another at the data's version: so the later instant is that
-- of the later state.
CREATE FUNCTION record_change_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM data_version FOR UPDATE;
    UPDATE change_set SET recorded_at = clock_timestamp() WHERE change_set_id = NEW.change_set_id;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER change_set_end AFTER INSERT ON change_set
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_change_set();
"""
# Entries of one person at one instant (that at which a transaction began) were made together.
FILL = """
INSERT INTO change_set (person, recorded_at)
SELECT actor, happened_at FROM audit_entry GROUP BY actor, happened_at ORDER BY min(audit_entry_id);
UPDATE audit_entry SET change_set_id = made.change_set_id FROM change_set made
WHERE made.person = actor AND made.recorded_at = happened_at;
"""
# What was noted of a company's attributes is from now on a note of the only version there was.
VERSION = """{image} - 'key' || jsonb_build_object(
    'company_version_id', version.company_version_id, 'starts_precision', 'unknown', 'valid', '(,)',
    'source_id', NULL)"""
KEY = "jsonb_build_object('company_id', {image} -> 'company_id', 'key', {image} -> 'key')"
OF_VERSION = f"""
INSERT INTO audit_entry (happened_at, actor, table_name, before, after, change_set_id)
SELECT happened_at, actor, 'company_version', {VERSION.format(image="before")},
       {VERSION.format(image="after")}, change_set_id
FROM audit_entry entry
JOIN company_version version ON version.company_id = (after ->> 'company_id')::integer
WHERE table_name = 'company' ORDER BY audit_entry_id;
DELETE FROM audit_entry WHERE table_name = 'company' AND before ->> 'key' = after ->> 'key';
UPDATE audit_entry SET
    before = CASE WHEN before IS NOT NULL THEN {KEY.format(image="before")} END,
    after = CASE WHEN after IS NOT NULL THEN {KEY.format(image="after")} END
WHERE table_name = 'company';
"""
# By which row an entry is found.
ROW = "(coalesce(before, after) ->> (table_name || '_id'))"
# Changes that move several boundaries at once are judged when all of them are moved.
DEFERRABLE = {
    "company_version": {"ex_company_version_company_id_valid": (("(company_id + 0)",), None)},
    "facility": {"ex_facility_key_valid": (("key",), None)},
    "occupancy": {
        "ex_occupancy_key_valid": (("key",), None),
        "ex_occupancy_company_plot_valid": (
            ("(company_id + 0)", "(plot_id + 0)"),
            "plot_id IS NOT NULL",
        ),
    },
    "plot_version": {"ex_plot_version_plot_id_valid": (("(plot_id + 0)",), None)},
}


def upgrade() -> None:
    op.create_table(
        "change_set",
        sa.Column("change_set_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=True),
        sa.Column("business_case", sa.Text(), server_default="other", nullable=False),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.CheckConstraint("person ~ '\\S'", name=op.f("ck_change_set_person_is_not_blank")),
        *(
            sa.CheckConstraint(f"{column} IN ({_listed(kinds)})", name=op.f(f"ck_change_set_{column}"))
            for column, kinds in KINDS.items()
        ),
        sa.CheckConstraint(
            "(undoes IS NOT NULL) = (business_case = 'undo')", name=op.f("ck_change_set_undoes")
        ),
        sa.ForeignKeyConstraint(["undoes"], ["change_set.change_set_id"], name=op.f("fk_change_set_undoes")),
        sa.PrimaryKeyConstraint("change_set_id", name=op.f("pk_change_set")),
    )
    op.create_index("ix_change_set_recorded_at", "change_set", ["recorded_at"])
    op.create_index("ix_change_set_undoes", "change_set", ["undoes"])
    op.add_column("audit_entry", sa.Column("change_set_id", sa.Integer(), nullable=True))
    op.execute(FILL)
    op.execute(OF_VERSION)
    op.execute(TRIGGERS)
    op.alter_column("audit_entry", "change_set_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_audit_entry_change_set_id"),
        "audit_entry",
        "change_set",
        ["change_set_id"],
        ["change_set_id"],
    )
    op.create_index("ix_audit_entry_change_set_id", "audit_entry", ["change_set_id"])
    op.create_index("ix_audit_entry_row", "audit_entry", ["table_name", sa.text(ROW)])
    _exclude(deferrable=True)


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def _exclude(*, deferrable: bool | None) -> None:
    for table, constraints in DEFERRABLE.items():
        for name, (same, where) in constraints.items():
            op.drop_constraint(op.f(name), table)
            op.create_exclude_constraint(
                op.f(name),
                table,
                *((sa.literal_column(column), "=") for column in same),
                (sa.column("valid"), "&&"),
                using="gist",
                where=None if where is None else sa.text(where),
                deferrable=deferrable,
            )


def downgrade() -> None:
    _exclude(deferrable=None)
    op.drop_index("ix_audit_entry_row", "audit_entry")
    op.execute("DROP TRIGGER audit_entry_change_set ON audit_entry")
    op.drop_column("audit_entry", "change_set_id")
    op.drop_table("change_set")
    # A change set that this transaction has begun went with them.
    op.execute("SELECT set_config('app.change_set', '', true)")
    op.execute("DROP FUNCTION join_change_set")
    op.execute("DROP FUNCTION record_change_set")
