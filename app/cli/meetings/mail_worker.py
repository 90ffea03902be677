"""The worker that sends mails and reads the mailbox; each step is committed, it may die between any two."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from threading import Event, Thread

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.config import Settings, read_secret_key
from app.db.engine import make_engine
from app.db.meetings.outbox import give_up_leases, take_mail
from app.errors import AppError
from app.exchange.meetings.delivery import transport
from app.exchange.meetings.mailbox import opened_mailbox
from app.services.meetings.inbox import take_in
from app.services.meetings.sending import settle

_LOOK_EVERY_S = 5
_READ_EVERY_S = 60
_STOP_WITHIN_S = 10
_log = logging.getLogger(__name__)
_utc_now = partial(datetime.now, UTC)


def send_due(
    connection: Connection,
    settings: Settings,
    is_over: Event | None = None,
    now: Callable[[], datetime] = _utc_now,
) -> int:
    """Send all mails that are due; return how many were handed over, whatever became of them.

    A mail is this worker's before it talks to the server, and what became of it is stored right after: of one
    that dies in between, a single mail is uncertain.

    Parameters
    ----------
    connection : Connection
        Committed after each step.
    settings : Settings
    is_over : Event, optional
        Ends it after the mail at hand.
    now : callable, optional
        The clock.
    """
    is_over, n_sent = is_over or Event(), 0
    pause_s = 0.0 if settings.mail.smtp_host is None else 60 / settings.mail.per_minute
    with transport(settings.mail, settings.var_dir / "outbox") as taking:
        while not is_over.is_set():
            give_up_leases(connection, now())
            mail = take_mail(connection, now())
            connection.commit()
            if mail is None:
                break
            delivery = taking.deliver(mail.mail_id, mail.envelope_from, mail.recipient, mail.message)
            settle(connection, mail, delivery, now())
            connection.commit()
            n_sent += 1
            if delivery.is_unreachable:
                # The others would not get any further now.
                _log.warning("mail: %s", delivery.reply)
                break
            is_over.wait(pause_s)
    return n_sent


def read_mailbox(connection: Connection, settings: Settings, now: Callable[[], datetime] = _utc_now) -> int:
    """Read what came in, and return how much; each mail is stored before it is marked as seen."""
    if settings.mail.imap_host is None:
        return 0
    n_read, secret = 0, read_secret_key(settings)
    with opened_mailbox(settings.mail) as box:
        for number, content in box.unseen():
            take_in(connection, content, secret, now())
            connection.commit()
            box.mark_seen(number)
            n_read += 1
    return n_read


@contextmanager
def working(settings: Settings, database_url: str) -> Iterator[None]:
    """Send mails and read the mailbox beside the block, and let the mail at hand be finished at its end."""
    is_over = Event()
    worker = Thread(target=_work, args=(settings, database_url, is_over), name="mail", daemon=True)
    worker.start()
    try:
        yield
    finally:
        is_over.set()
        worker.join(_STOP_WITHIN_S)


def _work(settings: Settings, database_url: str, is_over: Event) -> None:
    engine = make_engine(database_url, pool_size=1)
    read_at_s = 0.0
    while not is_over.wait(_LOOK_EVERY_S):
        try:
            with engine.connect() as connection:
                send_due(connection, settings, is_over)
                if time.monotonic() - read_at_s > _READ_EVERY_S:
                    read_at_s = time.monotonic()
                    read_mailbox(connection, settings)
        except (DBAPIError, AppError) as error:
            # The database or the mailbox may be back a little later.
            _log.warning("mail: %s", error)
    engine.dispose()
