"""Finders' reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from harbour_api.store.tables import Id, UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", Id, nullable=False),
        sa.Column("station", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amenity", sa.String(length=40), nullable=False),
        sa.Column("hour", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reported_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("handled_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "kind IN ('closed', 'no_access', 'amenity_out', 'wrong_info')", name=op.f("ck_reports_kind")
        ),
        sa.CheckConstraint("state IN ('open', 'in_progress', 'done', 'dismissed')", name=op.f("ck_reports_state")),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name=op.f("fk_reports_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("station", "kind", "amenity", "hour", name=op.f("uq_reports_station_kind_amenity_hour")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("reports")
