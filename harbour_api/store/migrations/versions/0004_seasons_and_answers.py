"""The days of an offering, and what was checked after a finder's report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from harbour_api.store.tables import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# With the column it is written at, for SQLite adds no constraint to a table that is there, and drops it with that column.
DAYS = "(first_day IS NULL) = (last_day IS NULL) AND (first_day IS NULL OR first_day <= last_day)"


def upgrade() -> None:
    op.add_column("stations", sa.Column("answered_at", UtcTime(), nullable=True))
    op.add_column("offerings", sa.Column("reported_at", UtcTime(), nullable=True))
    op.add_column("offerings", sa.Column("first_day", sa.Date(), nullable=True))
    days = sa.CheckConstraint(DAYS, name=op.f("ck_offerings_days"))
    op.add_column("offerings", sa.Column("last_day", sa.Date(), days, nullable=True))


def downgrade() -> None:
    for column in ("last_day", "first_day", "reported_at"):
        op.drop_column("offerings", column)
    op.drop_column("stations", "answered_at")
