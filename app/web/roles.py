"""Who may use which route: the one table, by endpoint; `app.web.access` asks it before every request.

A route that is not named here is for admins. All methods of a route are for the same role; what may change
something asks for the page's token besides, unless it stands in `CHANGES_NOTHING`.
"""

from __future__ import annotations

from app.domain.kinds import AccessRole
from app.errors import N_

ROLE_NAMES = {
    AccessRole.VISITOR: N_("Visitor"),
    AccessRole.ANALYST: N_("Analyst"),
    AccessRole.STAFF: N_("Staff"),
    AccessRole.ADMIN: N_("Admin"),
}

_ENDPOINTS = {
    AccessRole.VISITOR: """
        static
        pages.healthz pages.favicon pages.security_txt
        info.show
        map.index map.companies map.links
        land.index
        tours.index tours.show
        tour_files.walk tour_files.file tour_files.shared_walk tour_files.shared_file tour_files.worker
        planner.index planning.plan planning.explain planning.suggestions
        data.index data.columns
        park_changes.index park_changes.file
        features.landing features.conformance features.openapi features.openapi_page
        features.collections features.collection features.queryables features.sortables features.schema
        features.items features.search features.item features.versions
        features.tilesets features.tileset features.vector_tile features.tiling_schemes features.tiling_scheme
        exports.download
        neighbors.of_company neighbors.of_plot neighbors.changes
        reach.places reach.nearest
        staff.sign_in staff.give_code staff.session_state password_link.show password_link.use
        openid.begin openid.come_back
        answers.show answers.give answers.stop answers.check_company corrections.form corrections.send
        meetings.index meetings.show boards.show boards.file papers.appointment
        door.show door.take
        """,
    AccessRole.ANALYST: """
        staff.sign_out staff.own_sessions staff.end_session staff.end_others
        second_factor.show second_factor.begin second_factor.confirm second_factor.remove
        account.show account.change_password
        tokens.show tokens.make tokens.revoke
        """,
    AccessRole.STAFF: """
        planner.edit
        saved_tours.save saved_tours.resave saved_tours.delete saved_tours.saved_request saved_tours.copy
        saved_tours.publish saved_tours.withdraw saved_tours.share saved_tours.revoke
        walkways.index walkways.permit walkways.withdraw
        ways.new ways.add ways.find ways.show ways.save ways.remove ways.day
        companies.show companies.arrive companies.attributes companies.internal companies.case
        companies.place_case companies.place_details companies.place_all companies.place_next
        land.show land.market land.marketing land.use land.park_name
        facilities.index facilities.show facilities.add facilities.details facilities.case
        decisions.of_plot decisions.decide decisions.withdraw
        changes.index changes.show changes.take_back changes.give_back
        corrections.index corrections.decide
        meetings.add meetings.edit meetings.go_on meetings.copy
        guests.index guests.send guests.file guests.letters guests.labels
        contacts.index contacts.add contacts.change contacts.review contacts.export contacts.erase
        invitations.index invitations.compose invitations.send invitations.answer invitations.decide
        invitations.sort
        follow_ups.everywhere follow_ups.index follow_ups.add follow_ups.change
        door_links.index door_links.make door_links.revoke door_links.settle
        memory.companies memory.companies_file memory.neighbors memory.neighbors_file memory.state
        presence.index presence.save presence.end choices.index choices.part
        groups.index groups.make groups.drop
        papers.file reports.index reports.show reports.file reports.workbook
        lists.index lists.upload lists.columns lists.show lists.discard
        """,
    AccessRole.ADMIN: """
        accounts.index accounts.add accounts.show accounts.change accounts.deactivate accounts.activate
        accounts.make_link accounts.end_access accounts.remove_second_factor accounts.connect
        organizations.index organizations.add organizations.rename
        """,
}

NEEDED = {name: role for role, names in _ENDPOINTS.items() for name in names.split()}

# These take POST because of what they are asked, not to change something: from any page, without its token.
CHANGES_NOTHING = frozenset({"planning.plan", "planning.explain", "features.search", "exports.download"})

# Whoever has the secret address of these may change what is behind it, without a session: the route itself
# checks what its page holds. A session would need a cookie, and over https a Referer, which must not leave.
BY_SECRET_ADDRESS = frozenset({"answers.give", "answers.stop", "answers.check_company", "door.take"})


def needed_role(endpoint: str) -> AccessRole:
    """Return the role that an endpoint needs at least."""
    return NEEDED.get(endpoint, AccessRole.ADMIN)
