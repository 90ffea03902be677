"""A meeting, an invited company and an agency that do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.meetings import MailKind
from app.exchange.meetings.mail import Appointment, MailSender, Recipient, composed
from app.exchange.meetings.mail_texts import mail_template

AT = datetime(2027, 3, 1, 9, tzinfo=UTC)
SECRET = "a secret of this test"
LONG_NAME = "Größte Überlandfahrzeug-Prüfgesellschaft für Äußeres & Söhne mbH & Co. KG <Ost> 80"
MEETING = Appointment(
    uid="treffen-2027@anliegertreffen.example",
    sequence=0,
    title="Anliegertreffen „Heinenkamp“ bei Müller & Söhne",
    starts_at=datetime(2027, 4, 22, 12, tzinfo=UTC),
    ends_at=datetime(2027, 4, 22, 14, tzinfo=UTC),
    place="Halle 3, Müllerstraße 1; Eingang Süd, 2. Tor",
    program=("14:00 Begrüßung", "14:30 Rundgang durch die Halle"),
)
SENDER = MailSender("Wirtschaftsförderung Beispiel", "anlieger@agentur.example", "antwort@agentur.example")
LINK = "https://park.example/hk/answer/4mD2p0qT8xYb5nWzR1sKuA"
GUEST = Recipient(
    number=7,
    address="empfang@nachbar.example",
    company=LONG_NAME,
    reason="Ihr Grundstück grenzt auf 48 m an den Gastgeber.",
    link=LINK,
    unsubscribe=f"{LINK}/unsubscribe",
    name="Erika Müßtermann",
)


def mail(kind: MailKind = MailKind.INVITATION, of: Appointment = MEETING, to: Recipient = GUEST) -> bytes:
    """Return a mail with the text that ships."""
    return composed(
        kind, mail_template(kind), of, to, SENDER, AT, f"{of.uid}/{to.number}/{kind}/{of.sequence}"
    )
