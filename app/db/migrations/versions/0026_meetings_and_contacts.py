"""Meetings get states, times, a log of each company's part; companies get contacts."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = r"""
CREATE TABLE suppression (
    hash TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_suppression PRIMARY KEY (hash),
    CONSTRAINT ck_suppression_is_hashed CHECK (hash ~ '^[0-9a-f]{64}$')
);

CREATE TABLE contact (
    contact_id INTEGER GENERATED ALWAYS AS IDENTITY,
    company_id INTEGER NOT NULL,
    organization_id INTEGER,
    shared BOOLEAN DEFAULT false NOT NULL,
    name TEXT,
    function TEXT,
    note TEXT,
    CONSTRAINT pk_contact PRIMARY KEY (contact_id),
    CONSTRAINT ck_contact_is_named CHECK (num_nonnulls(name, function) > 0),
    CONSTRAINT fk_contact_company_id FOREIGN KEY(company_id) REFERENCES company (company_id),
    CONSTRAINT fk_contact_organization_id FOREIGN KEY(organization_id)
        REFERENCES organization (organization_id)
);
CREATE INDEX ix_contact_company_id ON contact (company_id);

CREATE TABLE acquaintance (
    acquaintance_id INTEGER GENERATED ALWAYS AS IDENTITY,
    company_a INTEGER NOT NULL,
    company_b INTEGER NOT NULL,
    stated_on DATE NOT NULL,
    source TEXT NOT NULL,
    staff_id INTEGER,
    note TEXT,
    CONSTRAINT pk_acquaintance PRIMARY KEY (acquaintance_id),
    CONSTRAINT ck_acquaintance_pair_is_ordered CHECK (company_a < company_b),
    CONSTRAINT ck_acquaintance_source_is_not_blank CHECK (source ~ '\S'),
    CONSTRAINT fk_acquaintance_company_a FOREIGN KEY(company_a) REFERENCES company (company_id),
    CONSTRAINT fk_acquaintance_company_b FOREIGN KEY(company_b) REFERENCES company (company_id),
    CONSTRAINT fk_acquaintance_staff_id FOREIGN KEY(staff_id) REFERENCES staff (staff_id) ON DELETE SET NULL
);
CREATE INDEX ix_acquaintance_company_a ON acquaintance (company_a);
CREATE INDEX ix_acquaintance_company_b ON acquaintance (company_b);

CREATE TABLE contact_channel (
    channel_id INTEGER GENERATED ALWAYS AS IDENTITY,
    contact_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    normalized TEXT NOT NULL,
    basis TEXT NOT NULL,
    source TEXT NOT NULL,
    obtained_on DATE NOT NULL,
    review_on DATE,
    expires_on DATE,
    suppressed_at TIMESTAMP WITH TIME ZONE,
    bounced_at TIMESTAMP WITH TIME ZONE,
    bounce_note TEXT,
    CONSTRAINT pk_contact_channel PRIMARY KEY (channel_id),
    CONSTRAINT uq_contact_channel_contact_id_kind_normalized UNIQUE (contact_id, kind, normalized),
    CONSTRAINT ck_contact_channel_kind CHECK (kind IN ('mail', 'phone', 'letter')),
    CONSTRAINT ck_contact_channel_basis
        CHECK (basis IN ('consent', 'public_task', 'existing_customer', 'public_source', 'none')),
    CONSTRAINT ck_contact_channel_value_is_not_blank CHECK (value ~ '\S'),
    CONSTRAINT ck_contact_channel_normalized_is_not_blank CHECK (normalized ~ '\S'),
    CONSTRAINT ck_contact_channel_source_is_not_blank CHECK (source ~ '\S'),
    CONSTRAINT ck_contact_channel_days_in_order
        CHECK (review_on >= obtained_on AND expires_on >= obtained_on),
    CONSTRAINT fk_contact_channel_contact_id FOREIGN KEY(contact_id)
        REFERENCES contact (contact_id) ON DELETE CASCADE
);
CREATE INDEX ix_contact_channel_normalized ON contact_channel (kind, normalized);

CREATE TABLE keep_apart (
    company_a INTEGER NOT NULL,
    company_b INTEGER NOT NULL,
    staff_id INTEGER,
    since DATE NOT NULL,
    note TEXT,
    CONSTRAINT pk_keep_apart PRIMARY KEY (company_a, company_b),
    CONSTRAINT ck_keep_apart_pair_is_ordered CHECK (company_a < company_b),
    CONSTRAINT fk_keep_apart_company_a FOREIGN KEY(company_a) REFERENCES company (company_id),
    CONSTRAINT fk_keep_apart_company_b FOREIGN KEY(company_b) REFERENCES company (company_id),
    CONSTRAINT fk_keep_apart_staff_id FOREIGN KEY(staff_id) REFERENCES staff (staff_id) ON DELETE SET NULL
);

CREATE TABLE privacy_log (
    log_id INTEGER GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    staff_id INTEGER,
    act TEXT NOT NULL,
    counts JSONB NOT NULL,
    CONSTRAINT pk_privacy_log PRIMARY KEY (log_id),
    CONSTRAINT ck_privacy_log_act CHECK (act IN ('export', 'erase', 'retention', 'suppress')),
    CONSTRAINT fk_privacy_log_staff_id FOREIGN KEY(staff_id) REFERENCES staff (staff_id) ON DELETE SET NULL
);

CREATE TABLE door_link (
    door_link_id INTEGER GENERATED ALWAYS AS IDENTITY,
    meeting_id INTEGER NOT NULL,
    token_sha256 BYTEA NOT NULL,
    valid_on DATE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    made_by INTEGER,
    CONSTRAINT pk_door_link PRIMARY KEY (door_link_id),
    CONSTRAINT uq_door_link_token_sha256 UNIQUE (token_sha256),
    CONSTRAINT ck_door_link_token_is_hashed CHECK (octet_length(token_sha256) = 32),
    CONSTRAINT fk_door_link_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE,
    CONSTRAINT fk_door_link_made_by FOREIGN KEY(made_by) REFERENCES staff (staff_id) ON DELETE SET NULL
);
CREATE INDEX ix_door_link_meeting_id ON door_link (meeting_id);

CREATE TABLE follow_up (
    follow_up_id INTEGER GENERATED ALWAYS AS IDENTITY,
    meeting_id INTEGER,
    company_id INTEGER,
    title TEXT NOT NULL,
    note_internal TEXT,
    owner_staff_id INTEGER,
    due DATE,
    state TEXT DEFAULT 'open' NOT NULL,
    geom geometry(POINT,25832),
    CONSTRAINT pk_follow_up PRIMARY KEY (follow_up_id),
    CONSTRAINT ck_follow_up_title_is_not_blank CHECK (title ~ '\S'),
    CONSTRAINT ck_follow_up_state CHECK (state IN ('open', 'done', 'dropped')),
    CONSTRAINT fk_follow_up_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE,
    CONSTRAINT fk_follow_up_company_id FOREIGN KEY(company_id) REFERENCES company (company_id),
    CONSTRAINT fk_follow_up_owner_staff_id FOREIGN KEY(owner_staff_id)
        REFERENCES staff (staff_id) ON DELETE SET NULL
);
CREATE INDEX ix_follow_up_meeting_id ON follow_up (meeting_id);

CREATE TABLE grouping (
    grouping_id INTEGER GENERATED ALWAYS AS IDENTITY,
    meeting_id INTEGER NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    method TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    bound DOUBLE PRECISION NOT NULL,
    proven BOOLEAN NOT NULL,
    rounds JSONB,
    CONSTRAINT pk_grouping PRIMARY KEY (grouping_id),
    CONSTRAINT fk_grouping_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE
);
CREATE INDEX ix_grouping_meeting_id ON grouping (meeting_id);

CREATE TABLE guest (
    guest_id INTEGER GENERATED ALWAYS AS IDENTITY,
    meeting_id INTEGER NOT NULL,
    company_id INTEGER,
    name TEXT,
    contact_id INTEGER,
    CONSTRAINT pk_guest PRIMARY KEY (guest_id),
    CONSTRAINT fk_guest_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE,
    CONSTRAINT fk_guest_company_id FOREIGN KEY(company_id) REFERENCES company (company_id),
    CONSTRAINT fk_guest_contact_id FOREIGN KEY(contact_id)
        REFERENCES contact (contact_id) ON DELETE SET NULL
);
CREATE INDEX ix_guest_meeting_id ON guest (meeting_id);

CREATE TABLE invitation (
    invitation_id INTEGER GENERATED ALWAYS AS IDENTITY,
    meeting_id INTEGER NOT NULL,
    company_id INTEGER NOT NULL,
    contact_id INTEGER,
    channel TEXT NOT NULL,
    address_normalized TEXT,
    token_sha256 BYTEA NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    reason JSONB DEFAULT '{}' NOT NULL,
    sent_with_version BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_invitation PRIMARY KEY (invitation_id),
    CONSTRAINT uq_invitation_token_sha256 UNIQUE (token_sha256),
    CONSTRAINT ck_invitation_channel CHECK (channel IN ('mail', 'phone', 'letter')),
    CONSTRAINT ck_invitation_token_is_hashed CHECK (octet_length(token_sha256) = 32),
    CONSTRAINT fk_invitation_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE,
    CONSTRAINT fk_invitation_company_id FOREIGN KEY(company_id) REFERENCES company (company_id),
    CONSTRAINT fk_invitation_contact_id FOREIGN KEY(contact_id)
        REFERENCES contact (contact_id) ON DELETE SET NULL
);
CREATE INDEX ix_invitation_company_id ON invitation (company_id);
CREATE INDEX ix_invitation_meeting_id ON invitation (meeting_id);
CREATE UNIQUE INDEX uq_invitation_address
        ON invitation (meeting_id, address_normalized) WHERE address_normalized IS NOT NULL;

CREATE TABLE invitation_list (
    meeting_id INTEGER NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    data_version BIGINT NOT NULL,
    day DATE NOT NULL,
    rows JSONB NOT NULL,
    CONSTRAINT pk_invitation_list PRIMARY KEY (meeting_id),
    CONSTRAINT fk_invitation_list_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE
);

CREATE TABLE meeting_item (
    meeting_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE,
    title TEXT NOT NULL,
    note TEXT,
    CONSTRAINT pk_meeting_item PRIMARY KEY (meeting_id, position),
    CONSTRAINT ck_meeting_item_title_is_not_blank CHECK (title ~ '\S'),
    CONSTRAINT ck_meeting_item_position CHECK (position >= 1),
    CONSTRAINT fk_meeting_item_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE
);

CREATE TABLE meeting_organization (
    meeting_id INTEGER NOT NULL,
    organization_id INTEGER NOT NULL,
    CONSTRAINT pk_meeting_organization PRIMARY KEY (meeting_id, organization_id),
    CONSTRAINT fk_meeting_organization_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE,
    CONSTRAINT fk_meeting_organization_organization_id FOREIGN KEY(organization_id)
        REFERENCES organization (organization_id)
);

CREATE TABLE meeting_park (
    meeting_id INTEGER NOT NULL,
    park_id INTEGER NOT NULL,
    CONSTRAINT pk_meeting_park PRIMARY KEY (meeting_id, park_id),
    CONSTRAINT fk_meeting_park_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE,
    CONSTRAINT fk_meeting_park_park_id FOREIGN KEY(park_id) REFERENCES park (park_id)
);

CREATE TABLE participation_event (
    event_id UUID NOT NULL,
    meeting_id INTEGER NOT NULL,
    company_id INTEGER,
    kind TEXT NOT NULL,
    value JSONB DEFAULT '{}' NOT NULL,
    "of" UUID,
    counter BIGINT NOT NULL,
    device TEXT NOT NULL,
    client_time TIMESTAMP WITH TIME ZONE,
    server_time TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    staff_id INTEGER,
    CONSTRAINT pk_participation_event PRIMARY KEY (event_id),
    CONSTRAINT ck_participation_event_kind
        CHECK (kind IN ('invite', 'answer', 'presence', 'part', 'close', 'note')),
    CONSTRAINT ck_participation_event_actor
        CHECK (actor IN ('staff', 'link', 'calendar', 'door', 'import')),
    CONSTRAINT ck_participation_event_counter CHECK (counter >= 0),
    CONSTRAINT fk_participation_event_meeting_id FOREIGN KEY(meeting_id)
        REFERENCES meeting (meeting_id) ON DELETE CASCADE,
    CONSTRAINT fk_participation_event_company_id FOREIGN KEY(company_id) REFERENCES company (company_id),
    CONSTRAINT fk_participation_event_staff_id FOREIGN KEY(staff_id)
        REFERENCES staff (staff_id) ON DELETE SET NULL
);
CREATE INDEX ix_participation_event_meeting_id_company_id ON participation_event (meeting_id, company_id);

CREATE TABLE correction (
    correction_id INTEGER GENERATED ALWAYS AS IDENTITY,
    company_id INTEGER NOT NULL,
    field TEXT NOT NULL,
    proposed TEXT,
    said_by INTEGER,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    change_set_id INTEGER,
    staff_id INTEGER,
    CONSTRAINT pk_correction PRIMARY KEY (correction_id),
    CONSTRAINT ck_correction_state CHECK (state IN ('open', 'accepted', 'refused')),
    CONSTRAINT ck_correction_field_is_not_blank CHECK (field ~ '\S'),
    CONSTRAINT ck_correction_accepted_as_change CHECK ((state = 'accepted') = (change_set_id IS NOT NULL)),
    CONSTRAINT fk_correction_company_id FOREIGN KEY(company_id) REFERENCES company (company_id),
    CONSTRAINT fk_correction_said_by FOREIGN KEY(said_by)
        REFERENCES invitation (invitation_id) ON DELETE SET NULL,
    CONSTRAINT fk_correction_change_set_id FOREIGN KEY(change_set_id) REFERENCES change_set (change_set_id),
    CONSTRAINT fk_correction_staff_id FOREIGN KEY(staff_id) REFERENCES staff (staff_id) ON DELETE SET NULL
);
CREATE INDEX ix_correction_company_id ON correction (company_id);

CREATE TABLE group_member (
    grouping_id INTEGER NOT NULL,
    round INTEGER NOT NULL,
    company_id INTEGER NOT NULL,
    group_no INTEGER NOT NULL,
    CONSTRAINT pk_group_member PRIMARY KEY (grouping_id, round, company_id),
    CONSTRAINT ck_group_member_numbers CHECK (round >= 1 AND group_no >= 1),
    CONSTRAINT fk_group_member_grouping_id FOREIGN KEY(grouping_id)
        REFERENCES grouping (grouping_id) ON DELETE CASCADE,
    CONSTRAINT fk_group_member_company_id FOREIGN KEY(company_id) REFERENCES company (company_id)
);
"""

MEETING = r"""
ALTER TABLE meeting
    ADD starts_at TIMESTAMP WITH TIME ZONE,
    ADD ends_at TIMESTAMP WITH TIME ZONE,
    ADD state TEXT DEFAULT 'held' NOT NULL,
    ADD capacity INTEGER,
    ADD place TEXT,
    ADD host_company_id INTEGER,
    ADD host_facility_id INTEGER,
    ADD uid TEXT DEFAULT gen_random_uuid()::text NOT NULL,
    ADD sequence INTEGER DEFAULT 0 NOT NULL,
    ADD series_key TEXT,
    ADD attendance_known TEXT DEFAULT 'none' NOT NULL,
    ADD note_internal TEXT,
    ADD published BOOLEAN DEFAULT true NOT NULL,
    ADD CONSTRAINT uq_meeting_uid UNIQUE (uid),
    ADD CONSTRAINT ck_meeting_state CHECK (state IN ('draft', 'announced', 'held', 'reported', 'cancelled')),
    ADD CONSTRAINT ck_meeting_attendance_known CHECK (attendance_known IN ('none', 'partial', 'complete')),
    ADD CONSTRAINT ck_meeting_capacity CHECK (capacity > 0),
    ADD CONSTRAINT ck_meeting_sequence CHECK (sequence >= 0),
    ADD CONSTRAINT ck_meeting_ends_after_start CHECK (ends_at > starts_at),
    ADD CONSTRAINT ck_meeting_held_on_day_of_start
        CHECK (held_on = (starts_at AT TIME ZONE 'Europe/Berlin')::date),
    ADD CONSTRAINT ck_meeting_end_needs_start CHECK (ends_at IS NULL OR starts_at IS NOT NULL),
    ADD CONSTRAINT ck_meeting_one_host CHECK (num_nonnulls(host_company_id, host_facility_id) <= 1),
    ADD CONSTRAINT fk_meeting_host_company_id FOREIGN KEY (host_company_id) REFERENCES company (company_id),
    ADD CONSTRAINT fk_meeting_host_facility_id
        FOREIGN KEY (host_facility_id) REFERENCES facility (facility_id);
-- What there is was published, and took place.
ALTER TABLE meeting ALTER state SET DEFAULT 'draft', ALTER published SET DEFAULT false;
CREATE INDEX ix_meeting_host_company_id ON meeting (host_company_id);
ALTER TABLE participation
    ADD invited_at TIMESTAMP WITH TIME ZONE,
    ADD invited_via TEXT,
    ADD answer TEXT DEFAULT 'none' NOT NULL,
    ADD heads INTEGER,
    ADD answer_via TEXT,
    ADD answer_note TEXT,
    ADD answered_sequence INTEGER,
    ADD presence TEXT DEFAULT 'unknown' NOT NULL,
    ADD presence_basis TEXT,
    ADD part TEXT DEFAULT 'guest' NOT NULL,
    ADD CONSTRAINT ck_participation_invited_via CHECK (invited_via IN ('mail', 'letter', 'phone', 'person')),
    ADD CONSTRAINT ck_participation_answer CHECK (answer IN ('none', 'accepted', 'declined', 'maybe')),
    ADD CONSTRAINT ck_participation_answer_via CHECK (answer_via IN ('link', 'calendar', 'staff')),
    ADD CONSTRAINT ck_participation_presence CHECK (presence IN ('unknown', 'present', 'absent')),
    ADD CONSTRAINT ck_participation_presence_basis CHECK (presence_basis IN ('door', 'list', 'statement')),
    ADD CONSTRAINT ck_participation_part CHECK (part IN ('guest', 'host', 'cohost', 'organizer')),
    ADD CONSTRAINT ck_participation_heads CHECK (heads > 0),
    ADD CONSTRAINT ck_participation_answer_is_whole
        CHECK (answer <> 'none' OR num_nonnulls(heads, answer_via) = 0),
    ADD CONSTRAINT ck_participation_presence_is_whole
        CHECK (presence <> 'unknown' OR presence_basis IS NULL);
"""
# The one column said one of these; the day is all that is known of an invitation.
CARRY = """
INSERT INTO meeting_park (meeting_id, park_id) SELECT meeting_id, park_id FROM meeting;
INSERT INTO meeting_item (meeting_id, position, title)
SELECT meeting_id, row_number() OVER (PARTITION BY meeting_id ORDER BY n), item.title
FROM meeting CROSS JOIN unnest(program) WITH ORDINALITY item (title, n) WHERE item.title ~ '\\S';
INSERT INTO participation_event (event_id, meeting_id, company_id, kind, value, counter, device, actor)
SELECT gen_random_uuid(), meeting_id, company_id,
    CASE WHEN role = 'hosted' THEN 'part' WHEN role = 'invited' THEN 'invite'
         WHEN role IN ('accepted', 'declined') THEN 'answer' ELSE 'presence' END,
    CASE WHEN role = 'hosted' THEN '{"part": "host"}'::jsonb
         WHEN role = 'invited' THEN jsonb_build_object('at', held_on::timestamp AT TIME ZONE 'Europe/Berlin')
         WHEN role IN ('accepted', 'declined') THEN jsonb_build_object('answer', role)
         WHEN role = 'attended' THEN '{"presence": "present"}'
         ELSE '{"presence": "absent"}' END,
    1, 'import', 'import'
FROM participation JOIN meeting USING (meeting_id);
UPDATE participation p SET
    invited_at = CASE WHEN role = 'invited' THEN held_on::timestamp AT TIME ZONE 'Europe/Berlin' END,
    answer = CASE WHEN role IN ('accepted', 'declined') THEN role ELSE 'none' END,
    presence = CASE role WHEN 'attended' THEN 'present' WHEN 'absent' THEN 'absent' ELSE 'unknown' END,
    part = CASE WHEN role = 'hosted' THEN 'host' ELSE 'guest' END
FROM meeting m WHERE m.meeting_id = p.meeting_id;
UPDATE meeting m SET
    host_company_id = (SELECT min(company_id) FROM participation p
                       WHERE p.meeting_id = m.meeting_id AND part = 'host' HAVING count(*) = 1),
    attendance_known = CASE WHEN EXISTS (
        SELECT FROM participation p WHERE p.meeting_id = m.meeting_id AND presence <> 'unknown'
    ) THEN 'partial' ELSE 'none' END;
-- What was recorded of these rows gets the columns that they have now.
UPDATE audit_entry e SET
    before = (to_jsonb(m) || e.before) - 'program', after = (to_jsonb(m) || e.after) - 'program'
FROM meeting m
WHERE table_name = 'meeting' AND (coalesce(e.before, e.after) ->> 'meeting_id')::integer = m.meeting_id;
UPDATE audit_entry e SET before = (to_jsonb(p) || e.before) - 'role', after = (to_jsonb(p) || e.after) - 'role'
FROM participation p
WHERE table_name = 'participation'
  AND (coalesce(e.before, e.after) ->> 'meeting_id')::integer = p.meeting_id
  AND (coalesce(e.before, e.after) ->> 'company_id')::integer = p.company_id;
ALTER TABLE meeting DROP COLUMN program;
ALTER TABLE participation DROP COLUMN role;
"""
AUDITED = (
    "meeting_park",
    "meeting_organization",
    "meeting_item",
    "participation_event",
    "invitation_list",
    "acquaintance",
    "keep_apart",
    "follow_up",
)
# Seen by everybody; who comes to a meeting is not, and does not make all that is cached worthless.
VERSIONED = ("meeting_park", "meeting_item")
RULES = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;

-- The log and what was sent go only with their meeting.
CREATE FUNCTION refuse_delete_before_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM meeting WHERE meeting_id = OLD.meeting_id) THEN
        RAISE EXCEPTION '% goes only with its meeting', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER participation_event_is_appended BEFORE UPDATE ON participation_event
FOR EACH ROW WHEN (NEW.staff_id IS NOT NULL OR OLD.staff_id IS NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER participation_event_stays BEFORE DELETE ON participation_event
FOR EACH ROW EXECUTE FUNCTION refuse_delete_before_meeting();
CREATE TRIGGER invitation_list_is_as_sent BEFORE UPDATE ON invitation_list
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invitation_list_stays BEFORE DELETE ON invitation_list
FOR EACH ROW EXECUTE FUNCTION refuse_delete_before_meeting();
CREATE TRIGGER meeting_uid_stays BEFORE UPDATE OF uid ON meeting
FOR EACH ROW WHEN (NEW.uid <> OLD.uid) EXECUTE FUNCTION refuse_change();
-- A plan may be given up; what somebody was told of may be cancelled.
CREATE FUNCTION refuse_delete_of_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' OR EXISTS (SELECT FROM invitation WHERE meeting_id = OLD.meeting_id) THEN
        RAISE EXCEPTION 'meeting % was announced or has invitations', OLD.key
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER meeting_stays_once_announced BEFORE DELETE ON meeting
FOR EACH ROW EXECUTE FUNCTION refuse_delete_of_meeting();

CREATE FUNCTION check_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own meeting;
    broken text;
BEGIN
    SELECT * INTO own FROM meeting WHERE meeting_id = NEW.meeting_id;
    broken := CASE
        WHEN own.host_company_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM participation WHERE meeting_id = own.meeting_id AND company_id = own.host_company_id
            AND part IN ('host', 'cohost')
        ) THEN 'meeting_host_has_part'
        WHEN own.attendance_known = 'none' AND EXISTS (
            SELECT FROM participation WHERE meeting_id = own.meeting_id AND presence = 'absent'
        ) THEN 'participation_absent_is_known'
        WHEN own.held_on > (now() AT TIME ZONE 'Europe/Berlin')::date AND EXISTS (
            SELECT FROM participation WHERE meeting_id = own.meeting_id AND presence <> 'unknown'
        ) THEN 'participation_present_from_the_day_on'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'meeting %: %', own.key, broken
        USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER meeting_checked AFTER INSERT OR UPDATE ON meeting
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_meeting();
CREATE CONSTRAINT TRIGGER participation_checked AFTER INSERT OR UPDATE ON participation
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_meeting();
"""
TRIGGER = """
CREATE TRIGGER {table}_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION raise_data_version()
"""
AUDIT = """
CREATE TRIGGER {table}_audit AFTER INSERT OR UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION write_audit_entry()
"""
ALLOWED = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'change_set'::regclass AND conname = 'ck_change_set_business_case'
"""


def upgrade() -> None:
    cases = _known()
    _allow([*cases, *({"meeting"} - set(cases))])
    # The data stays what it was: its version does, too.
    op.execute("DROP TRIGGER participation_version ON participation")
    op.execute("ALTER TABLE meeting DISABLE TRIGGER meeting_version")
    for statements in (TABLES, MEETING, CARRY):
        op.execute(statements)
    op.execute("ALTER TABLE meeting ENABLE TRIGGER meeting_version")
    for table in VERSIONED:
        op.execute(TRIGGER.format(table=table))
    for table in AUDITED:
        op.execute(AUDIT.format(table=table))
    op.execute(RULES)


def _known() -> list[str]:
    return re.findall(r"'(\w+)'", op.get_bind().execute(sa.text(ALLOWED)).scalar_one())


def _allow(cases: list[str]) -> None:
    name = op.f("ck_change_set_business_case")
    op.drop_constraint(name, "change_set")
    listed = ", ".join(f"'{case}'" for case in cases)
    op.create_check_constraint(name, "change_set", f"business_case IN ({listed})")


# One column says again what weighs most; a company of which nothing of it is known has no row.
ROLE = """
CASE WHEN part IN ('host', 'cohost') THEN 'hosted' WHEN presence = 'present' THEN 'attended'
     WHEN presence = 'absent' THEN 'absent'
     WHEN answer IN ('accepted', 'declined') THEN answer
     WHEN invited_at IS NOT NULL OR answer = 'maybe' THEN 'invited' END
"""
BACK = """
DROP TRIGGER meeting_checked ON meeting;
DROP TRIGGER participation_checked ON participation;
DROP TRIGGER meeting_uid_stays ON meeting;
DROP TRIGGER meeting_stays_once_announced ON meeting;
ALTER TABLE participation ADD role TEXT;
UPDATE participation SET role = {role};
DELETE FROM participation WHERE role IS NULL;
ALTER TABLE meeting ADD program TEXT[];
UPDATE meeting m SET program = ARRAY(
    SELECT title FROM meeting_item i WHERE i.meeting_id = m.meeting_id ORDER BY position
);
UPDATE audit_entry e SET before = (to_jsonb(p) || e.before), after = (to_jsonb(p) || e.after)
FROM participation p
WHERE table_name = 'participation'
  AND (coalesce(e.before, e.after) ->> 'meeting_id')::integer = p.meeting_id
  AND (coalesce(e.before, e.after) ->> 'company_id')::integer = p.company_id;
UPDATE audit_entry SET before = before - '{participation}'::text[], after = after - '{participation}'::text[]
WHERE table_name = 'participation';
UPDATE audit_entry SET before = before - '{meeting}'::text[], after = after - '{meeting}'::text[]
WHERE table_name = 'meeting';
ALTER TABLE participation {without_participation}, ALTER role SET NOT NULL, ADD CONSTRAINT ck_participation_role
    CHECK (role IN ('invited', 'accepted', 'declined', 'attended', 'absent', 'hosted'));
ALTER TABLE meeting {without_meeting}, ALTER program SET NOT NULL;
"""
OF_MEETING = (
    "starts_at", "ends_at", "state", "capacity", "place", "host_company_id", "host_facility_id", "uid",
    "sequence", "series_key", "attendance_known", "note_internal", "published",
)  # fmt: skip
OF_PARTICIPATION = (
    "invited_at", "invited_via", "answer", "heads", "answer_via", "answer_note", "answered_sequence",
    "presence", "presence_basis", "part",
)  # fmt: skip
NEW = tuple(re.findall(r"^CREATE TABLE (\w+)", TABLES, re.MULTILINE))


def downgrade() -> None:
    op.execute("ALTER TABLE meeting DISABLE TRIGGER meeting_version")
    op.execute(
        BACK.format(
            role=ROLE,
            participation=f"{{{','.join(OF_PARTICIPATION)}}}",
            meeting=f"{{{','.join(OF_MEETING)}}}",
            without_participation=_dropped(OF_PARTICIPATION),
            without_meeting=_dropped(OF_MEETING),
        )
    )
    op.execute("ALTER TABLE meeting ENABLE TRIGGER meeting_version")
    op.execute(f"DROP TABLE {', '.join(NEW)}")
    op.execute(f"DELETE FROM audit_entry WHERE table_name = ANY('{{{','.join(NEW)}}}'::text[])")
    op.execute(
        "DROP FUNCTION check_meeting, refuse_change, refuse_delete_before_meeting, refuse_delete_of_meeting"
    )
    op.execute(TRIGGER.format(table="participation"))
    op.execute("UPDATE change_set SET business_case = 'other' WHERE business_case = 'meeting'")
    # A table with pending triggers cannot be altered.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute("SET CONSTRAINTS ALL DEFERRED")
    _allow([case for case in _known() if case != "meeting"])


def _dropped(columns: tuple[str, ...]) -> str:
    return ", ".join(f"DROP COLUMN {column}" for column in columns)
