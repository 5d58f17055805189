"""Tally links, unlocked days, the second factor, the audit and the notice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from harbour_api.store.tables import Id, UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("managers", sa.Column("totp_secret", sa.String(length=64), nullable=True))
    op.add_column("managers", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    op.create_table(
        "tally_links",
        sa.Column("id", Id, nullable=False),
        sa.Column("station", sa.String(length=12), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name=op.f("fk_tally_links_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_links")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_tally_links_secret_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tally_links_station"), "tally_links", ["station"])
    op.create_table(
        "unlocked_days",
        sa.Column("station", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("unlocked_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name=op.f("fk_unlocked_days_station")),
        sa.PrimaryKeyConstraint("station", "day", name=op.f("pk_unlocked_days")),
    )
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("old", sa.JSON(), nullable=True),
        sa.Column("new", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("text_en", sa.String(length=400), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_notice_single")),
        sa.CheckConstraint("kind IN ('heat', 'rain', 'exam')", name=op.f("ck_notice_kind")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_notice_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )


def downgrade() -> None:
    for table in ("notice", "audit", "unlocked_days", "tally_links"):
        op.drop_table(table)
    op.drop_column("managers", "totp_last_step")
    op.drop_column("managers", "totp_secret")
