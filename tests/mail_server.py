"""A real SMTP server for tests, which refuses, delays and drops as the recipients' names ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller

from app.config import MailSettings, Settings


@dataclass
class TakenMails:
    """What a server took, as (sender on the envelope, recipient, bytes); `n_asked` counts RCPT by recipient.

    `on_step` is told each step of SMTP (MAIL, RCPT, DATA), when it is done but not answered, and its number.

    Recipients whose name begins with ``gone`` are refused for good, with ``grey`` the first time, with
    ``full`` at the end of the mail; with ``drop`` the connection ends after the mail was taken, with ``cut``
    before it.
    """

    port: int = 0
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    n_asked: Counter[str] = field(default_factory=Counter)
    n_steps: Counter[str] = field(default_factory=Counter)
    on_step: Callable[[str, int], None] | None = None

    @property
    def recipients(self) -> list[str]:
        """Whose mails were taken, in that order."""
        return [recipient for _, recipient, _ in self.mails]

    def _reached(self, step: str) -> None:
        self.n_steps[step] += 1
        if self.on_step is not None:
            self.on_step(step, self.n_steps[step])

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        self._reached("MAIL")
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.n_asked[address] += 1
        if address.startswith("gone"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("grey") and self.n_asked[address] == 1:
            return "451 4.7.1 Greylisted, please try again later"
        if address.startswith("cut"):
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        self._reached("RCPT")
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        [recipient] = envelope.rcpt_tos
        if recipient.startswith("full"):
            return "552 5.2.2 Mailbox full"
        self.mails.append((envelope.mail_from, recipient, envelope.content))
        self._reached("DATA")
        if recipient.startswith("drop"):
            server.transport.abort()
        return "250 OK"


class _Controller(Controller):
    def _trigger_server(self) -> None:
        # It was begun on whatever port was free.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[TakenMails]:
    """Run a server on a free port of this machine."""
    taken = TakenMails()
    controller = _Controller(taken, hostname="127.0.0.1", port=0, ready_timeout=60)
    controller.start()
    try:
        taken.port = controller.port
        yield taken
    finally:
        controller.stop()


def server_environment(port: int) -> dict[str, str]:
    """Return settings that lead to such a server, as fast as it takes mails."""
    return {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "anlieger@agentur.example",
        "MAIL_BOX": "antwort@agentur.example",
        "MAIL_PER_MINUTE": "100000",
    }


def mail_settings(port: int, **others: object) -> MailSettings:
    """Return the same as the program reads them."""
    given = {name: str(value) for name, value in others.items()}
    return Settings.from_environment({**server_environment(port), **given}).mail
