"""Answers to an invitation in the shapes in which four kinds of programs send them, and returned mails."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP

UID = "treffen-2027@anliegertreffen.example"


def calendar_lines(
    answer: str = "ACCEPTED",
    *,
    attendee: str = "mailto:empfang@nachbar.example",
    uid: str = UID,
    sequence: int = 0,
    stamp: str = "20270301T100000Z",
    others: tuple[str, ...] = (),
) -> str:
    """Return a REPLY; `others` are lines that a program adds."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Test//DE",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{stamp}",
        "DTSTART:20270422T120000Z",
        f"ATTENDEE;PARTSTAT={answer};CN=Empfang:{attendee}",
        *others,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(lines) + "\r\n"


def exchange_reply(answer: str = "ACCEPTED", **given: object) -> bytes:
    """Like Exchange: no organizer, a title of its own, a zone that nobody knows, an address in capitals."""
    text = calendar_lines(
        answer,
        **{"attendee": "MAILTO:Empfang@Nachbar.example", **given},  # type: ignore[arg-type]
        others=("SUMMARY;LANGUAGE=de-DE:Zugesagt: Anliegertreffen", "X-MICROSOFT-CDO-APPT-SEQUENCE:0"),
    ).replace("DTSTART:20270422T120000Z", "DTSTART;TZID=Customized Time Zone:20270422T140000")
    made = MIMEMultipart("alternative")
    made["From"], made["Subject"] = "Empfang <Empfang@Nachbar.example>", "Zugesagt: Anliegertreffen"
    made.attach(MIMEText("Ich komme gern.", "plain", "utf-8"))
    made.attach(_calendar_part(text))
    return made.as_bytes(policy=SMTP)


def gmail_reply(answer: str = "ACCEPTED", **given: object) -> bytes:
    """Like Gmail: the calendar as an alternative, and the same once more as a file."""
    text = calendar_lines(answer, **given, others=("ORGANIZER;CN=A:mailto:antwort@agentur.example",))  # type: ignore[arg-type]
    made, both = MIMEMultipart("mixed"), MIMEMultipart("alternative")
    made["From"], made["Subject"] = "empfang@nachbar.example", "Accepted: Anliegertreffen"
    both.attach(MIMEText("Empfang has accepted this invitation.", "plain", "utf-8"))
    both.attach(MIMEText("<p>Empfang has accepted this invitation.</p>", "html", "utf-8"))
    both.attach(_calendar_part(text))
    made.attach(both)
    file = MIMEText(text, "ics", "utf-8")
    file.replace_header("Content-Type", 'application/ics; name="invite.ics"')
    made.attach(file)
    return made.as_bytes(policy=SMTP)


def apple_reply(answer: str = "ACCEPTED", **given: object) -> bytes:
    """Like Apple's calendar: text and calendar side by side, long lines folded, parameters in quotes."""
    text = calendar_lines(answer, **given).replace(  # type: ignore[arg-type]
        f"ATTENDEE;PARTSTAT={answer};CN=Empfang:", f'ATTENDEE;CN="Empfang, Halle 3";\r\n PARTSTAT={answer}:'
    )
    made = MIMEMultipart("mixed")
    made["From"], made["Subject"] = "empfang@nachbar.example", "Anliegertreffen"
    made.attach(MIMEText("", "plain", "utf-8"))
    made.attach(_calendar_part(text))
    return made.as_bytes(policy=SMTP)


def thunderbird_reply(answer: str = "ACCEPTED", **given: object) -> bytes:
    """Like Thunderbird: the calendar is the whole mail."""
    made = _calendar_part(calendar_lines(answer, **given))  # type: ignore[arg-type]
    made["From"], made["Subject"] = "empfang@nachbar.example", "Antwort auf Termin: Anliegertreffen"
    return made.as_bytes(policy=SMTP)


SHAPES = {
    "exchange": exchange_reply,
    "gmail": gmail_reply,
    "apple": apple_reply,
    "thunderbird": thunderbird_reply,
}


def _calendar_part(text: str) -> MIMEText:
    made = MIMEText(text, "calendar", "utf-8")
    made.set_param("method", "REPLY")
    return made


def returned_mail(to: str, recipient: str = "empfang@nachbar.example", status: str = "5.1.1") -> bytes:
    """Return a report of a server (RFC 3464) that a mail was not delivered, sent to `to`."""
    action = "failed" if status.startswith("5") else "delayed"
    text = f"""Return-Path: <>
From: MAILER-DAEMON@mx.nachbar.example
To: <{to}>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.nachbar.example
Arrival-Date: Mon, 1 Mar 2027 10:00:00 +0100

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.nachbar.example
Diagnostic-Code: smtp; 550 {status} user unknown

--b--
"""
    return text.replace("\n", "\r\n").encode()


def away(to: str) -> bytes:
    """Return the answer of a program for somebody who is away."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "empfang@nachbar.example", to, "Abwesend bis 5. April"
    made["Auto-Submitted"] = "auto-replied"
    made.set_content("Ich bin bis zum 5. April nicht im Haus. 5.1.1")
    return made.as_bytes()
