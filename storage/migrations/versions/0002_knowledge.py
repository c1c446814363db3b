"""Knowledge base entries edited on the desk

Revision: 0002, after: 0001
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "entry_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_entry_version_author_id_staff")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["staff.id"], name=op.f("fk_entry_version_reviewer_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_version")),
        sa.UniqueConstraint("revision", name=op.f("uq_entry_version_revision")),
    )
    still_open = sa.text("status IN ('draft', 'review')")
    op.create_index("ix_entry_version_entry_id_language", "entry_version", ["entry_id", "language"])
    op.create_index(op.f("ix_entry_version_status"), "entry_version", ["status"])
    op.create_index(
        "uq_entry_version_open", "entry_version", ["entry_id", "language"],
        unique=True, sqlite_where=still_open, postgresql_where=still_open,
    )  # fmt: skip
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recalled_version", sa.String(), nullable=False, server_default=""))
