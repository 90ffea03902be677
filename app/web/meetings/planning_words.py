"""What states of meetings, lists of guests and contacts are called."""

from __future__ import annotations

from app.domain.meetings import Basis, Channel, MeetingState
from app.errors import N_
from app.services.meetings.guest_list import Only, Scope

# What a button says that lets a meeting go on.
STATE_ACTS = {
    MeetingState.ANNOUNCED: N_("Announce"),
    MeetingState.HELD: N_("It took place"),
    MeetingState.REPORTED: N_("The report is done"),
    MeetingState.CANCELLED: N_("Cancel the meeting"),
}
SCOPE_NAMES = {
    Scope.NEIGHBORS: N_("Neighbors"),
    Scope.SECOND: N_("Neighbors and their neighbors"),
    Scope.DISTANCE: N_("All within a distance (m)"),
    Scope.WALK: N_("All within a walk (minutes)"),
    Scope.PARK: N_("All of the business park"),
}
ONLY_NAMES = {
    Only.NEVER_MET: N_("never met the host"),
    Only.NEW: N_("new since the last meeting"),
    Only.NOT_INVITED: N_("not invited for 12 months"),
}
CHANNEL_NAMES = {
    Channel.MAIL: N_("by mail"),
    Channel.LETTER: N_("by letter"),
    Channel.PHONE: N_("by phone"),
}
BASIS_NAMES = {
    Basis.CONSENT: N_("Consent"),
    Basis.PUBLIC_TASK: N_("Public task"),
    Basis.EXISTING_CUSTOMER: N_("Existing business relation (§ 7 (3) UWG)"),
    Basis.PUBLIC_SOURCE: N_("Public source (not for mail)"),
    Basis.NONE: N_("None recorded"),
}
# What was erased of a person, by table.
COUNT_NAMES = {
    "contact": N_("contacts"),
    "guest": N_("names of guests"),
    "invitation": N_("addresses of invitations"),
    "outbox": N_("mails sent"),
    "inbound": N_("mails received"),
}
