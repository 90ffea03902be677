"""The outbox: nothing twice, nothing lost; sent by workers that may die at any step, to a real server."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import IntegrityError

from app.cli.meetings import mail_worker
from app.cli.meetings.mail_worker import send_due, working
from app.config import Settings
from app.db.engine import make_engine
from app.db.meetings.outbox import (
    LEASE,
    decide_uncertain,
    forget_mails,
    give_up_leases,
    mails_of_meeting,
    settle_mail,
    take_mail,
)
from app.db.models import ContactChannel, Outbox
from app.domain.meetings import MailKind, MailState
from app.errors import ConflictError, InputError
from app.exchange.meetings.mail import bounced_invitation
from app.services.meetings.mailing import candidates, queue_round
from app.services.meetings.sending import pause
from tests.conftest import Run
from tests.db.meetings.mail_kills import STEPS, sent_with_kills
from tests.db.meetings.mail_scene import (
    AT,
    SECRET,
    STARTS_AT,
    invite,
    plan,
    queue,
    states,
    store_meeting,
    the_meeting,
)
from tests.mail_server import TakenMails, mail_server, mail_settings
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def module_server() -> Iterator[TakenMails]:
    with mail_server() as taken:
        yield taken


@pytest.fixture
def server(module_server: TakenMails) -> TakenMails:
    module_server.mails.clear()
    module_server.n_asked.clear()
    module_server.n_steps.clear()
    module_server.on_step = None
    return module_server


@pytest.fixture
def own_engine(fresh_database_url: str) -> Iterator[Engine]:
    made = make_engine(fresh_database_url)
    yield made
    made.dispose()


def with_server(settings: Settings, server: TakenMails) -> Settings:
    return replace(settings, mail=mail_settings(server.port))


def send(connection: Connection, settings: Settings, at: datetime = AT) -> int:
    """Send what is due, within the test's transaction."""
    with connection.begin_nested():
        held = _Uncommitted(connection)
        return send_due(held, settings, now=lambda: at)  # type: ignore[arg-type]


def arrived(connection: Connection, *names: str) -> None:
    """Let the mails to some have been sent."""
    statement = "UPDATE outbox SET state = 'sent', sent_at = now() WHERE recipient = ANY(:addresses)"
    connection.execute(text(statement), {"addresses": [f"{name}@nachbar.example" for name in names]})


class _Uncommitted:
    """A connection whose commits the test keeps to itself."""

    def __init__(self, connection: Connection) -> None:
        self.execute = connection.execute

    def commit(self) -> None:
        """Leave the transaction open."""


def test_the_mails_are_in_the_outbox_with_the_decision_or_not_at_all(connection: Connection) -> None:
    store_meeting(connection, ["a", "b"])
    with connection.begin_nested() as savepoint:
        assert queue(connection) == 2
        savepoint.rollback()
    assert states(connection) == {}
    assert queue(connection) == 2
    assert states(connection) == {"a": "queued", "b": "queued"}


def test_nobody_gets_the_same_mail_twice(connection: Connection) -> None:
    store_meeting(connection, ["a"])
    queue(connection)
    with pytest.raises(InputError, match="Nobody"):
        queue(connection)
    arrived(connection, "a")
    assert queue(connection, MailKind.REMINDER, day="2027-03-08") == 1
    assert queue(connection, MailKind.REMINDER, day="2027-03-08") == 0
    assert queue(connection, MailKind.REMINDER, day="2027-03-15") == 1
    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(
            text(
                "INSERT INTO outbox (dedupe_key, recipient, message, kind, sequence, next_at)"
                " SELECT dedupe_key, recipient, message, kind, sequence, next_at FROM outbox LIMIT 1"
            )
        )


def test_who_must_not_be_written_to_is_left_out_with_the_reason(connection: Connection) -> None:
    meeting_id = store_meeting(connection, ["good"])
    invite(connection, meeting_id, "nobasis", basis="public_source")
    invite(connection, meeting_id, "paper", kind="letter")
    invite(connection, meeting_id, "leave-me", suppressed_at=AT)
    invite(connection, meeting_id, "bounced", bounced_at=AT)
    found = {
        each.invitation["company_key"]: each.why_not and each.why_not[0]
        for each in candidates(connection, the_meeting(connection), MailKind.INVITATION, None)
    }
    assert found == {
        "good": None,
        "nobasis": "no basis for invitations by mail is recorded",
        "paper": "is invited by letter or phone",
        "leave-me": "wants no more invitations",
        "bounced": "mails come back",
    }
    assert queue(connection) == 1
    assert states(connection) == {"good": "queued"}


def test_only_who_was_invited_and_is_silent_is_reminded(connection: Connection) -> None:
    meeting_id = store_meeting(connection, ["silent", "said-no", "waits"])
    queue(connection)
    arrived(connection, "silent", "said-no")
    invite(connection, meeting_id, "new")
    connection.execute(
        text(
            "INSERT INTO participation (meeting_id, company_id, answer, answer_via)"
            " SELECT :meeting, company_id, 'declined', 'staff' FROM company WHERE key = 'said-no'"
        ),
        {"meeting": meeting_id},
    )
    found = candidates(connection, the_meeting(connection), MailKind.REMINDER, None)
    assert {each.invitation["company_key"] for each in found if each.why_not is None} == {"silent"}


def test_an_invitation_needs_an_announced_meeting_with_a_time(connection: Connection) -> None:
    store_meeting(connection, ["a"])
    connection.execute(text("UPDATE meeting SET state = 'draft'"))
    with pytest.raises(ConflictError, match="Announce"):
        queue(connection)
    with pytest.raises(ConflictError, match="Cancel"):
        queue(connection, MailKind.CANCELLATION)
    connection.execute(text("UPDATE meeting SET state = 'announced', starts_at = NULL, ends_at = NULL"))
    with pytest.raises(InputError, match="time"):
        queue(connection)


def test_a_text_with_a_wrong_place_queues_nothing(connection: Connection) -> None:
    store_meeting(connection, ["a"])
    wrong = plan(template="Betreff: x\n\n{Link} {Gehalt}")
    with pytest.raises(InputError, match="Gehalt"):
        queue_round(connection, the_meeting(connection), wrong, {1, 2, 3}, AT)
    assert states(connection) == {}


def test_all_that_a_server_may_do_ends_as_it_should(
    connection: Connection, settings: Settings, server: TakenMails
) -> None:
    store_meeting(connection, ["a", "gone", "grey", "full", "drop", "z"])
    queue(connection)
    assert send(connection, with_server(settings, server)) == 6
    assert states(connection) == {
        "a": "sent",
        "gone": "failed",
        "grey": "retry",
        "full": "failed",
        "drop": "uncertain",
        "z": "sent",
    }
    marked = select(ContactChannel.value).where(ContactChannel.bounced_at.is_not(None))
    assert list(connection.execute(marked).scalars()) == ["gone@nachbar.example"]
    # Nothing is due before a minute is over, then the one that was refused for now.
    assert send(connection, with_server(settings, server), AT + timedelta(seconds=59)) == 0
    assert send(connection, with_server(settings, server), AT + timedelta(seconds=60)) == 1
    assert Counter(server.recipients) == Counter(
        f"{name}@nachbar.example" for name in ("a", "z", "grey", "drop")
    )


def test_each_mail_names_its_invitation_on_the_envelope(
    connection: Connection, settings: Settings, server: TakenMails
) -> None:
    store_meeting(connection, ["a", "b"])
    queue(connection)
    send(connection, with_server(settings, server))
    rows = connection.execute(select(Outbox.recipient, Outbox.invitation_id))
    numbers = {row.recipient: row.invitation_id for row in rows}
    assert {to: bounced_invitation(sender, SECRET) for sender, to, _ in server.mails} == numbers


def test_a_retry_sends_the_same_bytes(connection: Connection, settings: Settings, server: TakenMails) -> None:
    store_meeting(connection, ["grey"])
    queue(connection)
    [before] = connection.execute(select(Outbox.message)).scalars()
    for minutes in (0, 1):
        send(connection, with_server(settings, server), AT + timedelta(minutes=minutes))
    assert [content for _, _, content in server.mails] == [before]


def test_attempts_come_less_and_less_often_and_end_with_the_meeting(
    connection: Connection, settings: Settings, server: TakenMails
) -> None:
    assert [pause(n) for n in range(1, 7)] == [
        *(timedelta(minutes=n) for n in (1, 5, 30, 120)),
        timedelta(days=1),
        timedelta(days=1),
    ]
    store_meeting(connection, ["grey"])
    queue(connection)
    send(connection, with_server(settings, server), STARTS_AT - timedelta(seconds=30))
    assert states(connection) == {"grey": "failed"}


def test_a_server_that_is_away_stops_the_round(connection: Connection, settings: Settings) -> None:
    store_meeting(connection, ["a", "b"])
    queue(connection)
    with mail_server() as gone:
        port = gone.port
    assert send(connection, replace(settings, mail=mail_settings(port))) == 1
    assert states(connection) == {"a": "retry", "b": "queued"}


def test_without_a_server_mails_are_files(connection: Connection, settings: Settings, tmp_path: Path) -> None:
    store_meeting(connection, ["a", "b"])
    queue(connection)
    assert send(connection, replace(settings, var_dir=tmp_path)) == 2
    assert states(connection) == {"a": "sent", "b": "sent"}
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 2


def test_two_workers_never_have_the_same_mail(own_engine: Engine) -> None:
    with own_engine.begin() as connection:
        store_meeting(connection, ["a", "b"])
        queue(connection)
    with own_engine.connect() as one, own_engine.connect() as other:
        first, second, third = take_mail(one, AT), take_mail(other, AT), take_mail(other, AT)
        assert first is not None
        assert second is not None
        assert first.mail_id != second.mail_id
        assert third is None


def test_whose_worker_died_is_uncertain_and_only_a_person_sends_it_again(connection: Connection) -> None:
    store_meeting(connection, ["a"])
    queue(connection)
    mail = take_mail(connection, AT)
    assert mail is not None
    assert give_up_leases(connection, AT + LEASE - timedelta(seconds=1)) == 0
    assert give_up_leases(connection, AT + LEASE) == 1
    assert states(connection) == {"a": "uncertain"}
    assert take_mail(connection, AT + timedelta(days=30)) is None
    assert decide_uncertain(connection, mail.mail_id, AT, is_sent=False)
    assert not decide_uncertain(connection, mail.mail_id, AT, is_sent=True)
    again = take_mail(connection, AT)
    assert again is not None
    assert again.message == mail.message


def test_a_slow_worker_that_was_given_up_still_tells_what_it_knows(connection: Connection) -> None:
    store_meeting(connection, ["a"])
    queue(connection)
    mail = take_mail(connection, AT)
    assert mail is not None
    give_up_leases(connection, AT + LEASE)
    settle_mail(connection, mail, MailState.SENT, "250 OK", at=AT + LEASE)
    assert states(connection) == {"a": "sent"}


def test_names_leave_the_outbox_and_what_waited_is_never_sent(connection: Connection) -> None:
    meeting_id = store_meeting(connection, ["a", "b"])
    queue(connection)
    connection.execute(text("UPDATE outbox SET last_reply = '451 <a@nachbar.example> later'"))
    assert forget_mails(connection, address="a@nachbar.example") == 1
    assert [row["state"] for row in mails_of_meeting(connection, meeting_id)] == ["failed", "queued"]
    assert forget_mails(connection, meeting_id=meeting_id) == 1
    told = connection.execute(text("SELECT outbox::text FROM outbox")).scalars()
    assert not any("nachbar.example" in row for row in told)
    assert take_mail(connection, AT) is None


def test_the_service_sends_beside_its_work_and_ends_with_it(
    fresh_database_url: str,
    own_engine: Engine,
    settings: Settings,
    server: TakenMails,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail_worker, "_LOOK_EVERY_S", 0.05)
    with working(with_server(settings, server), fresh_database_url):
        with own_engine.begin() as connection:
            store_meeting(connection, ["a", "b"])
            queue(connection, at=datetime(2026, 1, 1, tzinfo=UTC))
        wait_until(lambda: len(server.mails) == 2, "both mails are sent")
    assert "mail" not in {thread.name for thread in threading.enumerate()}


def test_mails_are_sent_at_the_prompt(run: Run, cli_env: dict[str, str]) -> None:
    engine = make_engine(cli_env["DATABASE_URL"])
    with engine.begin() as connection:
        store_meeting(connection, ["a", "b"])
        queue(connection, at=datetime(2026, 1, 1, tzinfo=UTC))
    assert run("meeting", "send") == (0, "2 mails handled.\n", "")
    assert run("meeting", "read") == (0, "0 mails read.\n", "")
    with engine.connect() as connection:
        assert states(connection) == {"a": "sent", "b": "sent"}
    engine.dispose()


def test_workers_killed_at_each_step_double_and_lose_nothing(
    fresh_database_url: str, own_engine: Engine, server: TakenMails, tmp_path: Path
) -> None:
    with own_engine.begin() as connection:
        store_meeting(connection, [f"n{i}" for i in range(12)])
        queue(connection, at=datetime(2026, 1, 1, tzinfo=UTC))
    found = sent_with_kills(fresh_database_url, own_engine, server, tmp_path, STEPS)
    assert found.n_killed == 3
    assert found.n_uncertain <= found.n_killed
    assert found.n_sent + found.n_uncertain == 12
    assert (found.n_lost, found.n_doubled) == (0, 0)
