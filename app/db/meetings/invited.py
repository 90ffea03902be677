"""Invitations with what they are about: by the token of their link, by number, of a meeting, by an address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, update
from sqlalchemy.engine import RowMapping

from app.db.models import (
    Company,
    CompanyVersion,
    Contact,
    ContactChannel,
    Invitation,
    Meeting,
    MeetingItem,
    Organization,
    Participation,
    meeting_organization,
)
