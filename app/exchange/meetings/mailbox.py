"""The mailbox that calendars and servers answer to, read by IMAP."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from app.config import MailSettings
from app.errors import N_, BusyError

_PATIENCE_S = 60


class Mailbox:
    """An open folder of a mailbox: what has not been seen is given once it is stored and marked."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    def unseen(self) -> Iterator[tuple[str, bytes]]:
        """Yield number and content of each mail that nobody has marked as seen; none is marked by it."""
        _, [numbers] = self._server.uid("search", "UNSEEN")
        for number in (numbers or b"").split():
            _, parts = self._server.uid("fetch", number.decode(), "(BODY.PEEK[])")
            for part in parts:
                if isinstance(part, tuple):
                    yield number.decode(), part[1]

    def mark_seen(self, number: str) -> None:
        """Mark a mail as seen, when what it says is stored."""
        self._server.uid("store", number, "+FLAGS.SILENT", "(\\Seen)")


@contextmanager
def opened_mailbox(settings: MailSettings) -> Iterator[Mailbox]:
    """Open the mailbox of the settings, which name a host.

    Raises
    ------
    BusyError
        When it cannot be read.
    """
    try:
        server = _connection(settings)
        try:
            server.login(settings.imap_user or "", settings.imap_password or "")
            status, _ = server.select(f'"{settings.imap_folder}"')
            if status != "OK":
                raise BusyError(N_("The mailbox has no folder “%(folder)s”."), folder=settings.imap_folder)
            yield Mailbox(server)
        finally:
            server.logout()
    except (OSError, imaplib.IMAP4.error) as error:
        raise BusyError(N_("The mailbox cannot be read: %(reason)s"), reason=str(error)[:300]) from error


def _connection(settings: MailSettings) -> imaplib.IMAP4:
    host, port = str(settings.imap_host), settings.imap_port
    if settings.imap_security == "tls":
        return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=_PATIENCE_S)
    server = imaplib.IMAP4(host, port, timeout=_PATIENCE_S)
    if settings.imap_security == "starttls":
        server.starttls(ssl.create_default_context())
    return server
