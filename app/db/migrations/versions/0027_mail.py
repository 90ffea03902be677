"""Mails of meetings: an outbox of finished bytes, and what came in."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


# What a person makes something of, and what a company says is right, is accepted without a change set.
ACCEPTED = "ck_correction_accepted_as_change"


def upgrade() -> None:
    _accept("state = 'accepted' OR change_set_id IS NULL")
    at = sa.DateTime(timezone=True)
    op.create_table(
        "outbox",
        sa.Column("mail_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("envelope_from", sa.Text(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("lease_until", at, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", at, nullable=False),
        sa.Column("sent_at", at, nullable=True),
        sa.Column("last_reply", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('invitation', 'update', 'reminder', 'cancellation')", name=op.f("ck_outbox_kind")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'retry', 'failed', 'uncertain')",
            name=op.f("ck_outbox_state"),
        ),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until IS NOT NULL)", name=op.f("ck_outbox_lease_while_sending")
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_outbox_sent_at_when_sent")
        ),
        sa.CheckConstraint(
            "message IS NOT NULL AND recipient IS NOT NULL OR state IN ('sent', 'failed', 'uncertain')",
            name=op.f("ck_outbox_message_until_sent"),
        ),
        _reference("outbox", "meeting_id", "meeting"),
        _reference("outbox", "invitation_id", "invitation"),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_dedupe_key")),
    )
    op.create_index(
        "ix_outbox_next_at",
        "outbox",
        ["next_at"],
        postgresql_where=sa.text("state IN ('queued', 'retry')"),
    )
    op.create_index("ix_outbox_meeting_id", "outbox", ["meeting_id"])
    op.create_index("ix_outbox_invitation_id", "outbox", ["invitation_id"])
    op.create_table(
        "inbound",
        sa.Column("inbound_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("received_at", at, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("participant", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("matched_invitation_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('reply', 'bounce', 'unknown')", name=op.f("ck_inbound_kind")),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_inbound_state")),
        _reference("inbound", "meeting_id", "meeting"),
        _reference("inbound", "matched_invitation_id", "invitation"),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("message_key", name=op.f("uq_inbound_message_key")),
    )
    op.create_index("ix_inbound_meeting_id", "inbound", ["meeting_id"])
    op.create_index("ix_inbound_matched_invitation_id", "inbound", ["matched_invitation_id"])


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.{to}_id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_table("inbound")
    op.drop_table("outbox")
    op.execute("DELETE FROM correction WHERE state = 'accepted' AND change_set_id IS NULL")
    _accept("(state = 'accepted') = (change_set_id IS NOT NULL)")


def _accept(condition: str) -> None:
    op.drop_constraint(ACCEPTED, "correction")
    op.create_check_constraint(op.f(ACCEPTED), "correction", condition)
