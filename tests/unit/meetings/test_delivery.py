"""Mails handed to a real SMTP server, which refuses, delays and drops."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.meetings import MailState
from app.exchange.meetings.delivery import Delivery, FolderTransport, SmtpTransport
from tests.mail_server import TakenMails, mail_server, mail_settings
from tests.unit.meetings.scene import mail

FROM = "antwort+1.abc@agentur.example"


@pytest.fixture(scope="module")
def server() -> Iterator[TakenMails]:
    with mail_server() as taken:
        yield taken


def delivered(server: TakenMails, recipient: str, message: bytes | None = None) -> Delivery:
    with SmtpTransport(mail_settings(server.port)) as transport:
        return transport.deliver(1, FROM, recipient, message or mail())


def test_a_mail_arrives_byte_for_byte(server: TakenMails) -> None:
    dotted = b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\nend\r\n"
    for content in (mail(), dotted):
        assert delivered(server, "a@nachbar.example", content).state is MailState.SENT
        assert server.mails[-1] == (FROM, "a@nachbar.example", content)


@pytest.mark.parametrize(
    ("name", "state", "reply", "is_address_refused"),
    [
        ("gone", MailState.FAILED, "550 5.1.1", True),
        ("full", MailState.FAILED, "552 5.2.2", False),
        ("grey", MailState.RETRY, "451 4.7.1", False),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(
    server: TakenMails, name: str, state: MailState, reply: str, is_address_refused: bool
) -> None:
    found = delivered(server, f"{name}@nachbar.example")
    assert (found.state, found.is_address_refused) == (state, is_address_refused)
    assert found.reply.startswith(reply)
    assert not found.is_unreachable


def test_who_is_asked_a_second_time_takes_it(server: TakenMails) -> None:
    states = [delivered(server, "grey2@nachbar.example").state for _ in range(2)]
    assert states == [MailState.RETRY, MailState.SENT]


def test_a_connection_that_ends_after_the_mail_leaves_it_uncertain(server: TakenMails) -> None:
    before = len(server.mails)
    assert delivered(server, "drop@nachbar.example").state is MailState.UNCERTAIN
    assert len(server.mails) == before + 1


def test_a_connection_that_ends_before_the_mail_leaves_it_for_later(server: TakenMails) -> None:
    before = len(server.mails)
    found = delivered(server, "cut@nachbar.example")
    assert (found.state, found.is_unreachable) == (MailState.RETRY, True)
    assert len(server.mails) == before


def test_a_server_that_is_not_there_is_no_fault_of_the_mail() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with SmtpTransport(mail_settings(port)) as transport:
        found = transport.deliver(1, FROM, "a@nachbar.example", mail())
    assert (found.state, found.is_unreachable) == (MailState.RETRY, True)


def test_after_a_refusal_the_next_mail_goes_out_all_the_same(server: TakenMails) -> None:
    with SmtpTransport(mail_settings(server.port)) as transport:
        states = [
            transport.deliver(n, FROM, f"{name}@nachbar.example", mail()).state
            for n, name in enumerate(("gone3", "b", "drop3", "c", "cut3", "d"))
        ]
    assert states == [
        MailState.FAILED,
        MailState.SENT,
        MailState.UNCERTAIN,
        MailState.SENT,
        MailState.RETRY,
        MailState.SENT,
    ]


def test_without_a_server_mails_are_files(tmp_path: Path) -> None:
    with FolderTransport(tmp_path / "outbox") as transport:
        for _ in range(2):
            assert transport.deliver(12, FROM, "a@nachbar.example", mail()).state is MailState.SENT
    [file] = (tmp_path / "outbox").iterdir()
    assert file.name == "12.eml"
    assert b"empfang@nachbar.example" in file.read_bytes()


def test_a_folder_that_cannot_be_written_loses_no_mail(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file in its place")
    with FolderTransport(tmp_path / "outbox") as transport:
        found = transport.deliver(12, FROM, "a@nachbar.example", mail())
    assert (found.state, found.is_unreachable) == (MailState.RETRY, True)
