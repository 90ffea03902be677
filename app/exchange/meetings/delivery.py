"""Mails handed to an SMTP server, or written to a folder: one at a time, with what became of each."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from app.config import MailSettings
from app.domain.meetings import MailState
from app.errors import InputError
from app.exchange.atomic_files import replacing

_PATIENCE_S = 60
_PER_CONNECTION = 50
_LONGEST_REPLY = 500
# Answers of SMTP (RFC 5321).
_DONE, _FORWARDED, _GO_ON, _CLOSING = 250, 251, 354, 421
# What RFC 3463 says of addresses: no such mailbox, moved, not valid, not any more.
_NO_ADDRESS = re.compile(r"\b5\.1\.[0-9]+\b")


@dataclass(frozen=True)
class Delivery:
    """What became of a mail.

    Attributes
    ----------
    state : MailState
        SENT, RETRY, FAILED or UNCERTAIN.
    reply : str
        What the server said last, or what went wrong.
    is_address_refused : bool
        Whether the recipient's address was refused for good.
    is_unreachable : bool
        Whether the server was not to be talked to at all: nothing is wrong with this mail.
    """

    state: MailState
    reply: str
    is_address_refused: bool = False
    is_unreachable: bool = False


class Transport(Protocol):
    """What takes mails: used as a context, which ends its connection."""

    def deliver(self, number: int, envelope_from: str, recipient: str, message: bytes) -> Delivery:
        """Hand over a mail; never raises for what the other side does."""

    def __enter__(self) -> Self:
        """Return itself."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """End what is open."""


class FolderTransport:
    """Writes mails to files, where no server is set.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, number: int, envelope_from: str, recipient: str, message: bytes) -> Delivery:
        """Write the mail as ``NUMBER.eml``; what was written before is written over with the same."""
        file = self._folder / f"{number}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(file) as partial:
                partial.write_bytes(message)
        except (OSError, InputError) as error:
            return Delivery(MailState.RETRY, _words(error), is_unreachable=True)
        return Delivery(MailState.SENT, f"file {file.name}")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""


class SmtpTransport:
    """Hands mails to a server, at most 50 a connection.

    Parameters
    ----------
    settings : MailSettings
        With a host.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None
        self._n_taken = 0

    def deliver(self, number: int, envelope_from: str, recipient: str, message: bytes) -> Delivery:
        """Hand over a mail; see `Transport`."""
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            self._end()
            return Delivery(MailState.RETRY, _words(error), is_unreachable=True)
        outcome = _handed_over(server, envelope_from, recipient, message)
        self._n_taken += 1
        if outcome.state is not MailState.SENT or self._n_taken >= _PER_CONNECTION:
            # After a refusal the next mail begins anew, whatever state the server is in.
            self._end()
        return outcome

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            self._server, self._n_taken = _connection(self._settings), 0
        return self._server

    def _end(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say good-bye to the server."""
        self._end()


def transport(settings: MailSettings, folder: Path) -> SmtpTransport | FolderTransport:
    """Return what takes mails: the server that is set, else a folder."""
    return FolderTransport(folder) if settings.smtp_host is None else SmtpTransport(settings)


def _connection(settings: MailSettings) -> smtplib.SMTP:
    host, port = str(settings.smtp_host), settings.smtp_port
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=_PATIENCE_S, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, port, timeout=_PATIENCE_S)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        if settings.smtp_user is not None:
            server.login(settings.smtp_user, settings.smtp_password or "")
    except BaseException:
        server.close()
        raise
    return server


def _handed_over(server: smtplib.SMTP, envelope_from: str, recipient: str, message: bytes) -> Delivery:
    """Go through one transaction of SMTP."""
    try:
        code, reply = server.mail(envelope_from)
        if code != _DONE:
            return _refusal(code, reply)
        code, reply = server.rcpt(recipient)
        if code not in (_DONE, _FORWARDED):
            return _refusal(code, reply, is_recipient=True)
        code, reply = server.docmd("DATA")
        if code != _GO_ON:
            return _refusal(code, reply)
    except (OSError, smtplib.SMTPException) as error:
        # The mail itself was not begun.
        return Delivery(MailState.RETRY, _words(error), is_unreachable=True)
    try:
        server.send(_dotted(message))
        code, reply = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(MailState.UNCERTAIN, _words(error))
    return Delivery(MailState.SENT, _reply(code, reply)) if code == _DONE else _refusal(code, reply)


def _refusal(code: int, reply: bytes, *, is_recipient: bool = False) -> Delivery:
    """Return what a refusal means; a code that is none counts as one for now."""
    told = _reply(code, reply)
    if code // 100 != 5:
        return Delivery(MailState.RETRY, told, is_unreachable=code == _CLOSING)
    is_address = is_recipient or _NO_ADDRESS.search(told) is not None
    return Delivery(MailState.FAILED, told, is_address_refused=is_address)


def _dotted(message: bytes) -> bytes:
    """Return a mail as it goes over the wire: lines that begin with a dot get another, one ends it."""
    body = message if message.endswith(b"\r\n") else message + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", body) + b".\r\n"


def _reply(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode('utf-8', 'replace')}"[:_LONGEST_REPLY]


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_LONGEST_REPLY]
