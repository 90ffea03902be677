"""Every rule of the schema refuses the row it is made against, and takes a good one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.db.good_rows import (
    BOW,
    DOT,
    FLAT,
    LINE,
    MIXED,
    NOW,
    ORDER,
    POINT,
    SQUARE,
    adjacency,
    first,
    lineage,
    override,
    store,
    succession,
)

Act = Callable[[Connection], object]


def bad(table: str, **changed: Any) -> Act:
    return lambda connection: store(connection, table, **changed)


def twice(table: str, **changed: Any) -> Act:
    def act(connection: Connection) -> None:
        store(connection, table)
        store(connection, table, **changed)

    return act


def same_link(connection: Connection) -> None:
    """Store one link for two people."""
    store(connection, "password_link")
    store(connection, "password_link", staff_id=store(connection, "staff", name="Otto"))


def same_identity(**changed: Any) -> Act:
    """Connect two people with one identity at a provider."""

    def act(connection: Connection) -> None:
        known = {"openid_issuer": "https://id.example", "openid_subject": "7", "openid_email": "a@id.example"}
        store(connection, "staff", **known)
        store(connection, "staff", name="Otto", **{**known, **changed})

    return act


def elsewhere(connection: Connection) -> None:
    """Store an occupancy whose plot lies in another park."""
    plot = first(connection, "plot")
    store(connection, "occupancy", plot_id=plot, park_id=store(connection, "park", key="q"))


def itself(connection: Connection, table: str) -> None:
    """Store a pair of a company and itself."""
    company = first(connection, "company")
    store(connection, table, company_a=company, company_b=company)


LATER = "[2020-06-01,)"
REFUSED: dict[str, Act] = {
    "ck_change_set_person_is_not_blank": bad("change_set", person=" "),
    "ck_change_set_business_case": bad("change_set", business_case="picnic"),
    "ck_change_set_intent": bad("change_set", intent="guess"),
    "ck_change_set_undoes": bad("change_set", business_case="undo"),
    "ck_source_title_is_not_blank": bad("source", title=" "),
    "uq_source_title": twice("source"),
    "uq_park_key": twice("park"),
    "ck_park_key": bad("park", key="a b"),
    "ex_park_version_park_id_valid": twice("park_version", valid=LATER),
    "ck_park_version_name_is_not_blank": bad("park_version", name=""),
    "ck_park_version_valid_has_days": bad("park_version", valid="empty"),
    "ck_park_version_geometry_is_valid": bad("park_version", geometry=BOW),
    "ck_park_version_geometry_has_area": bad("park_version", geometry=FLAT),
    "ck_park_version_geometry_type": bad("park_version", geometry=MIXED),
    "uq_plot_key": twice("plot"),
    "ck_plot_key": bad("plot", key="-A"),
    "fk_plot_park_id": bad("plot", park_id=99999),
    "ex_plot_version_plot_id_valid": twice("plot_version", valid=LATER),
    "ck_plot_version_valid_has_days": bad("plot_version", valid="[2020-01-01,2020-01-01)"),
    "ck_plot_version_use_status": bad("plot_version", use_status="used"),
    "ck_plot_version_starts_precision": bad("plot_version", starts_precision="hour"),
    "ck_plot_version_unknown_start_is_open": bad("plot_version", starts_precision="unknown"),
    "ex_plot_marketing_plot_key_valid": twice("plot_marketing", valid=LATER),
    "ck_plot_marketing_valid_has_days": bad("plot_marketing", valid="empty"),
    "ck_plot_marketing_status": bad("plot_marketing", status="sold"),
    "ck_plot_marketing_starts_precision": bad("plot_marketing", starts_precision="hour"),
    "ck_plot_marketing_unknown_start_is_open": bad("plot_marketing", starts_precision="unknown"),
    "ck_plot_version_quality": bad("plot_version", quality="good"),
    "ck_plot_version_official_area_m2": bad("plot_version", official_area_m2=0),
    "ck_plot_version_geometry_is_valid": bad("plot_version", geometry=BOW),
    "ck_plot_version_geometry_has_area": bad("plot_version", geometry="MULTIPOLYGON EMPTY"),
    "ck_plot_version_geometry_type": bad("plot_version", geometry=MIXED),
    "fk_plot_version_plot_id": bad("plot_version", plot_id=99999),
    "ck_lineage_kind": lambda c: lineage(c, "born"),
    "ck_lineage_not_itself": lambda c: lineage(c, is_itself=True),
    "uq_company_key": twice("company"),
    "ck_company_key": bad("company", key="ä"),
    "ex_company_version_company_id_valid": twice("company_version", starts_precision="day", valid=LATER),
    "ck_company_version_valid_has_days": bad("company_version", starts_precision="day", valid="empty"),
    "ck_company_version_starts_precision": bad("company_version", starts_precision="hour", valid=LATER),
    "ck_company_version_unknown_start_is_open": bad("company_version", valid=LATER),
    "ck_company_version_name_is_not_blank": bad("company_version", name="\t"),
    "ck_company_version_wz_is_whole": bad("company_version", wz_code="71.12"),
    "ck_company_version_wz_code": bad(
        "company_version", wz_code="7112", wz_edition="2008", wz_basis="stated"
    ),
    "ck_company_version_wz_edition": bad(
        "company_version", wz_code="71", wz_edition="1993", wz_basis="stated"
    ),
    "ck_company_version_wz_basis": bad("company_version", wz_code="71", wz_edition="2008", wz_basis="guess"),
    "ex_occupancy_key_valid": twice("occupancy", valid=LATER, plot_id=None, location_quality="street"),
    "ex_occupancy_company_plot_valid": twice("occupancy", key="c-b", valid=LATER),
    "fk_occupancy_plot_id_park_id": elsewhere,
    "ck_occupancy_key": bad("occupancy", key="a/b"),
    "ck_occupancy_valid_has_days": bad("occupancy", valid="empty"),
    "ck_occupancy_location_quality": bad("occupancy", location_quality="good"),
    "ck_occupancy_starts_precision": bad("occupancy", starts_precision="hour"),
    "ck_occupancy_unknown_start_is_open": bad("occupancy", starts_precision="unknown"),
    "ck_occupancy_place_without_plot": bad("occupancy", plot_id=None),
    "ck_occupancy_geometry_is_not_empty": bad("occupancy", geometry="POINT EMPTY"),
    "uq_succession_predecessor_id_successor_id_plot_id": lambda c: succession(c, is_twice=True),
    "ck_succession_not_itself": lambda c: succession(c, is_itself=True),
    "ck_succession_kind": lambda c: succession(c, kind="murder"),
    "ck_succession_precision": lambda c: succession(c, precision="hour"),
    "ex_facility_key_valid": twice("facility", valid=LATER),
    "ck_facility_key": bad("facility", key=""),
    "ck_facility_valid_has_days": bad("facility", valid="empty"),
    "ck_facility_name_is_not_blank": bad("facility", name=" "),
    "ck_facility_kind": bad("facility", kind="bar"),
    "ck_facility_location_quality": bad("facility", location_quality="good"),
    "ck_facility_capacity": bad("facility", capacity=-1),
    "ck_facility_capacity_reserve": bad("facility", capacity_reserve=-1),
    "ck_facility_geometry_type": bad("facility", geometry=LINE),
    "ck_facility_geometry_is_valid": bad("facility", geometry=BOW),
    "ck_facility_geometry_is_not_empty": bad("facility", geometry="POINT EMPTY"),
    "ex_footprint_key_valid": twice("footprint", valid=LATER),
    "ck_footprint_key": bad("footprint", key="?"),
    "ck_footprint_valid_has_days": bad("footprint", valid="empty"),
    "ck_footprint_kind": bad("footprint", kind="tower"),
    "ck_footprint_geometry_is_valid": bad("footprint", geometry=BOW),
    "ck_footprint_geometry_has_area": bad("footprint", geometry=FLAT),
    "ck_footprint_geometry_type": bad("footprint", geometry=MIXED),
    "ex_walkway_key_valid": twice("walkway", valid=LATER),
    "ck_walkway_key": bad("walkway", key="a b"),
    "ck_walkway_valid_has_days": bad("walkway", valid="empty"),
    "ck_walkway_kind": bad("walkway", kind="river"),
    "ck_walkway_access": bad("walkway", access="secret"),
    "ck_walkway_geometry_has_length": bad("walkway", geometry="LINESTRING EMPTY"),
    "ck_walkway_permission_valid_has_days": bad("walkway_permission", valid="empty"),
    "ck_walkway_permission_granted_by_is_not_blank": bad("walkway_permission", granted_by=""),
    "ck_walkway_permission_opens_when_it_does_not_close": bad(
        "walkway_permission", opens_at="09:00", closes_at="09:00"
    ),
    "uq_tour_key": twice("tour"),
    "ck_tour_key": bad("tour", key="%"),
    "ck_tour_title_is_not_blank": bad("tour", title=""),
    "ck_tour_time_basis": bad("tour", time_basis="rumor"),
    "ck_tour_pace_m_s": bad("tour", pace_m_s=5),
    "ck_walkway_opening_hours_is_not_blank": bad("walkway", access="permission", opening_hours=" "),
    "ck_walkway_hours_need_permission": bad("walkway", opening_hours="08:00-18:00"),
    "ck_walkway_kerb": bad("walkway", kerb="high"),
    "ck_tour_status": bad("tour", status="secret"),
    "ck_tour_version": bad("tour", version=0),
    "ck_tour_sequence": bad("tour", sequence=-1),
    "ck_tour_group_size": bad("tour", group_size=0),
    "ck_tour_wish_is_object": bad("tour", wish="[1]"),
    "ck_tour_called_off_is_object": bad("tour", called_off="[1]"),
    "ck_tour_stop_pause_min": bad("tour_stop", pause_min=-1, pauses_at="2024-04-24T14:00+02:00"),
    "ck_tour_stop_request_stop": bad("tour_stop", request_stop=-1),
    "uq_tour_stop_tour_id_request_stop": twice("tour_stop", position=2),
    "ck_tour_stop_times_are_whole": bad("tour_stop", ends_at=None),
    "ck_tour_stop_times_in_order": bad("tour_stop", ends_at="2024-04-24T14:06+02:00"),
    "ck_tour_stop_pause_is_whole": bad("tour_stop", pause_min=5),
    "ck_tour_stop_pauses_at": bad("tour_stop", pause_min=5, pauses_at="2024-04-24T14:06+02:00"),
    "ck_tour_share_token": bad("tour_share", token="short"),
    "ck_tour_share_revoked_after_made": bad("tour_share", revoked_at="2001-01-01"),
    "uq_tour_share_tour_id_open": twice("tour_share", token="b" * 32),
    "pk_tour_share": twice("tour_share"),
    "uq_staff_name": twice("staff"),
    "ck_staff_name_is_not_blank": bad("staff", name=" "),
    "ck_staff_password_is_hashed": bad("staff", password_hash="secret"),
    "ck_staff_role": bad("staff", role="visitor"),
    "fk_staff_organization_id": bad("staff", organization_id=0),
    "uq_staff_openid_issuer_openid_subject": same_identity(openid_email=None),
    "uq_staff_openid_email": same_identity(openid_issuer=None, openid_subject=None),
    "ck_staff_openid_subject_of_issuer": bad("staff", openid_issuer="https://id.example"),
    "ck_staff_openid_subject_is_not_blank": bad(
        "staff", openid_issuer="https://id.example", openid_subject=" "
    ),
    "ck_staff_openid_email_is_not_blank": bad("staff", openid_email=" "),
    "uq_organization_key": twice("organization"),
    "ck_organization_key": bad("organization", key="a b"),
    "ck_organization_name_is_not_blank": bad("organization", name=" "),
    "ck_organization_short_name_is_not_blank": bad("organization", short_name=""),
    "fk_api_token_staff_id": bad("api_token", staff_id=0),
    "uq_api_token_token_hash": twice("api_token"),
    "ck_api_token_name_is_not_blank": bad("api_token", name=" "),
    "ck_api_token_scope": bad("api_token", scope="write"),
    "ck_api_token_token_is_hashed": bad("api_token", token_hash="secret"),
    "ck_api_token_expires_after_created": bad("api_token", expires_at="2026-01-05T08:00:00Z"),
    "fk_company_list_staff_id": bad("company_list", staff_id=0),
    "ck_company_list_name_is_not_blank": bad("company_list", name=" "),
    "ck_company_list_expires_after_created": bad("company_list", expires_at="2000-01-01T00:00:00Z"),
    "fk_list_columns_organization_id": bad("list_columns", organization_id=0),
    "uq_list_columns_organization_id": twice("list_columns"),
    "pk_password_link": twice("password_link"),
    "fk_password_link_staff_id": bad("password_link", staff_id=0),
    "uq_password_link_token_hash": same_link,
    "ck_password_link_token_is_hashed": bad("password_link", token_hash="secret"),
    "pk_staff_session": twice("staff_session"),
    "fk_staff_session_staff_id": bad("staff_session", staff_id=0),
    "ck_staff_session_token_is_hashed": bad("staff_session", token_hash="secret"),
    "ck_staff_session_device_is_short": bad("staff_session", device="x" * 61),
    "ck_staff_session_seen_after_created": bad("staff_session", last_seen_at="2026-01-05T07:59:59Z"),
    "pk_second_factor": twice("second_factor"),
    "ck_second_factor_secret_is_encrypted": bad("second_factor", secret="A" * 32),
    "ck_tour_stop_position": bad("tour_stop", position=-1),
    "ck_tour_stop_dwell_min": bad("tour_stop", dwell_min=-1),
    "ck_tour_stop_one_place": lambda c: store(
        c, "tour_stop", occupancy_id="occupancy", facility_id="facility"
    ),
    "ck_tour_stop_name_is_not_blank": bad("tour_stop", name=" "),
    "ck_tour_stop_location_quality": bad("tour_stop", location_quality="good"),
    "ck_tour_stop_geometry_is_not_empty": bad("tour_stop", geometry="POINT EMPTY"),
    "pk_tour_stop": twice("tour_stop"),
    "ck_tour_leg_position": bad("tour_leg", position=-1),
    "ck_tour_leg_walk_s": bad("tour_leg", walk_s=-1),
    "ck_tour_leg_network_begins": bad("tour_leg", network_m="{[-1,1)}"),
    "ck_tour_leg_network_ends": bad("tour_leg", network_m="{[0,1),[2,1e6)}"),
    "uq_meeting_key": twice("meeting"),
    "ck_meeting_key": bad("meeting", key="a b"),
    "ck_meeting_title_is_not_blank": bad("meeting", title=""),
    "uq_meeting_uid": lambda c: [store(c, "meeting", key=key, uid="u") for key in "ab"],
    "ck_meeting_state": bad("meeting", state="slept"),
    "ck_meeting_attendance_known": bad("meeting", attendance_known="guess"),
    "ck_meeting_capacity": bad("meeting", capacity=0),
    "ck_meeting_sequence": bad("meeting", sequence=-1),
    "ck_meeting_ends_after_start": bad("meeting", starts_at=f"{NOW}T14:00Z", ends_at=f"{NOW}T14:00Z"),
    # Half past eleven in the evening in Greenwich is the next day in the parks.
    "ck_meeting_held_on_day_of_start": bad("meeting", starts_at=f"{NOW}T23:30Z"),
    "ck_meeting_end_needs_start": bad("meeting", ends_at=f"{NOW}T14:00Z"),
    "ck_meeting_one_host": bad("meeting", host_company_id="company", host_facility_id="facility"),
    "ck_meeting_item_title_is_not_blank": bad("meeting_item", title=" "),
    "ck_meeting_item_position": bad("meeting_item", position=0),
    "ck_participation_invited_via": bad("participation", invited_via="drum"),
    "ck_participation_answer": bad("participation", answer="perhaps"),
    "ck_participation_answer_via": bad("participation", answer="maybe", answer_via="drum"),
    "ck_participation_presence": bad("participation", presence="slept"),
    "ck_participation_presence_basis": bad("participation", presence="present", presence_basis="guess"),
    "ck_participation_part": bad("participation", part="king"),
    "ck_participation_heads": bad("participation", answer="accepted", heads=0),
    "ck_participation_answer_is_whole": bad("participation", heads=2),
    "ck_participation_presence_is_whole": bad("participation", presence_basis="door"),
    "ck_participation_event_kind": bad("participation_event", kind="dance"),
    "ck_participation_event_actor": bad("participation_event", actor="nobody"),
    "ck_participation_event_counter": bad("participation_event", counter=-1),
    "uq_door_link_token_sha256": twice("door_link"),
    "ck_door_link_token_is_hashed": bad("door_link", token_sha256=b"secret"),
    "ck_acquaintance_pair_is_ordered": lambda c: itself(c, "acquaintance"),
    "ck_acquaintance_source_is_not_blank": bad("acquaintance", source=" "),
    "ck_keep_apart_pair_is_ordered": lambda c: itself(c, "keep_apart"),
    "ck_group_member_numbers": bad("group_member", group_no=0),
    "ck_contact_is_named": bad("contact", function=None),
    "uq_contact_channel_contact_id_kind_normalized": twice("contact_channel"),
    "ck_contact_channel_kind": bad("contact_channel", kind="drum"),
    "ck_contact_channel_basis": bad("contact_channel", basis="guess"),
    "ck_contact_channel_value_is_not_blank": bad("contact_channel", value=" "),
    "ck_contact_channel_normalized_is_not_blank": bad("contact_channel", normalized=" "),
    "ck_contact_channel_source_is_not_blank": bad("contact_channel", source=" "),
    "ck_contact_channel_days_in_order": bad(
        "contact_channel", review_on="2024-04-23", expires_on="2024-04-25"
    ),
    "ck_suppression_is_hashed": bad("suppression", hash="a@b.example"),
    "ck_privacy_log_act": bad("privacy_log", act="peek"),
    "uq_invitation_token_sha256": twice("invitation"),
    "ck_invitation_channel": bad("invitation", channel="drum"),
    "ck_invitation_token_is_hashed": bad("invitation", token_sha256=b"secret"),
    "uq_outbox_dedupe_key": twice("outbox"),
    "ck_outbox_kind": bad("outbox", kind="poem"),
    "ck_outbox_state": bad("outbox", state="lost"),
    "ck_outbox_lease_while_sending": bad("outbox", lease_until="2026-01-05T08:00:00Z"),
    "ck_outbox_sent_at_when_sent": bad("outbox", sent_at="2026-01-05T08:00:00Z"),
    "ck_outbox_message_until_sent": bad("outbox", message=None),
    "uq_inbound_message_key": twice("inbound"),
    "ck_inbound_kind": bad("inbound", kind="poem"),
    "ck_inbound_state": bad("inbound", state="lost"),
    "ck_follow_up_title_is_not_blank": bad("follow_up", title=" "),
    "ck_follow_up_state": bad("follow_up", state="lost"),
    "ck_correction_state": bad("correction", state="lost"),
    "ck_correction_field_is_not_blank": bad("correction", field=" "),
    "ck_correction_accepted_as_change": lambda c: store(
        c, "correction", change_set_id=store(c, "change_set")
    ),
    "pk_participation": twice("participation"),
    "ex_adjacency_pair_valid": lambda c: adjacency(c, is_twice=True),
    "ck_adjacency_not_itself": lambda c: adjacency(c, is_itself=True),
    "ck_adjacency_valid_has_days": lambda c: adjacency(c, valid="empty"),
    "ck_adjacency_relation": lambda c: adjacency(c, relation="friend"),
    "ck_adjacency_measures": lambda c: adjacency(c, shared_m=-1.0),
    "ck_adjacency_overlap_m2": lambda c: adjacency(c, overlap_m2=1.0),
    "ck_adjacency_facing_m": lambda c: adjacency(c, facing_m=1.0),
    "ex_adjacency_override_pair_valid": lambda c: override(c, is_twice=True),
    "ck_adjacency_override_not_itself": lambda c: override(c, is_itself=True),
    "ck_adjacency_override_valid_has_days": lambda c: override(c, valid="empty"),
    "ck_adjacency_override_relation": lambda c: override(c, relation="friend"),
    "ck_adjacency_override_reason_is_not_blank": lambda c: override(c, reason=" "),
    "ck_adjacency_override_decided_by_is_not_blank": lambda c: override(c, by=""),
}

# Rules that another rule or the column's type fires before, so that no row can show them alone.
SHADOWED = {
    "ck_data_version_one_row",  # a second row breaks the primary key first; false is tried below
    "ck_park_version_geometry_is_not_empty",  # what is empty has no area
    "ck_plot_version_geometry_is_not_empty",
    "ck_footprint_geometry_is_not_empty",
    "ck_walkway_geometry_is_not_empty",
    "ck_walkway_geometry_is_valid",
    "ck_walkway_geometry_type",  # the column takes lines only
    "ck_occupancy_geometry_is_valid",  # a point is always valid
    "ck_occupancy_geometry_type",
    "ck_tour_stop_geometry_is_valid",
    "ck_tour_stop_geometry_type",
}


@pytest.mark.parametrize("rule", REFUSED)
def test_the_rule_refuses(connection: Connection, rule: str) -> None:
    with pytest.raises(DBAPIError) as refusal:
        REFUSED[rule](connection)
    assert refusal.value.orig.diag.constraint_name == rule  # type: ignore[union-attr]


@pytest.mark.parametrize("table", ORDER)
def test_the_good_row_is_taken(connection: Connection, table: str) -> None:
    assert store(connection, table)


def test_good_pairs_are_taken(connection: Connection) -> None:
    adjacency(connection)


def test_a_good_decision_lineage_and_succession_are_taken(connection: Connection) -> None:
    lineage(connection)
    succession(connection)


def test_a_version_may_begin_on_the_day_another_ends(connection: Connection) -> None:
    store(connection, "plot_version")
    assert store(connection, "plot_version", valid="[2021-01-01,)")


def test_no_rule_is_untried(connection: Connection) -> None:
    statement = (
        "SELECT conname FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'x', 'u')"
    )
    rules = set(connection.execute(text(statement)).scalars()) - {"spatial_ref_sys_srid_check"}
    assert rules - set(REFUSED) - SHADOWED - {"uq_plot_plot_id_park_id"} == set()
    assert rules >= SHADOWED


@pytest.mark.parametrize(
    ("table", "geometry"),
    [
        ("park_version", FLAT),
        ("plot_version", FLAT),
        ("footprint", FLAT),
        ("walkway", DOT),
        ("walkway", POINT),
        ("occupancy", LINE),
        ("tour_stop", LINE),
        ("plot_version", f"SRID=4326;{SQUARE}"),
        ("occupancy", f"SRID=25833;{POINT}"),
        ("plot_version", "POLYGON Z((0 0 1,1 0 1,1 1 1,0 0 1))"),
        ("plot_version", None),
    ],
)
def test_a_geometry_that_is_none_or_of_another_system_is_refused(
    connection: Connection, table: str, geometry: str | None
) -> None:
    with pytest.raises(DBAPIError):
        store(connection, table, geometry=geometry)


@pytest.mark.parametrize("valid", ["[2021-01-01,2020-01-01)", "[2024-02-30,)"])
def test_a_period_that_ends_before_it_begins_is_none(connection: Connection, valid: str) -> None:
    with pytest.raises(DBAPIError, match=r"range lower bound|out of range"):
        store(connection, "plot_version", valid=valid)


def test_the_data_version_is_one_row(connection: Connection) -> None:
    with pytest.raises(DBAPIError, match="ck_data_version_one_row"):
        connection.execute(text("INSERT INTO data_version VALUES (false, 1, now())"))
