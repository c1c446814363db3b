"""Roster, routing, service clocks, follow-ups and running deadlines

Revision: 0003, after: 0002
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("starts", UtcDateTime, nullable=False),
        sa.Column("ends", UtcDateTime, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_leave_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
    )
    op.create_index("ix_leave_staff_id", "leave", ["staff_id"])
    op.create_index("ix_leave_starts", "leave", ["starts"])

    op.create_table(
        "shift_pattern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("begins", sa.String(), nullable=False),
        sa.Column("ends", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("working_days", sa.Boolean(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("on_call", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_shift_pattern_staff_id_staff")),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"], name=op.f("fk_shift_pattern_town_id_town")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_shift_pattern_village_id_village")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_pattern")),
    )
    op.create_index("ix_shift_pattern_staff_id", "shift_pattern", ["staff_id"])

    op.create_table(
        "swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("with_id", sa.Integer(), nullable=False),
        sa.Column("starts", UtcDateTime, nullable=False),
        sa.Column("ends", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_swap_staff_id_staff")),
        sa.ForeignKeyConstraint(["with_id"], ["staff.id"], name=op.f("fk_swap_with_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
    )
    op.create_index("ix_swap_staff_id", "swap", ["staff_id"])
    op.create_index("ix_swap_with_id", "swap", ["with_id"])

    op.create_table(
        "wall",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("tie", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_wall_staff_id_staff")),
        sa.ForeignKeyConstraint(["village_id"], ["village.id"], name=op.f("fk_wall_village_id_village")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall")),
    )
    op.create_index("ix_wall_staff_id", "wall", ["staff_id"])

    op.create_table(
        "case_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("by_staff_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_staff_id"], ["staff.id"], name=op.f("fk_case_event_by_staff_id_staff")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_event_case_id_case")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_event_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index("ix_case_event_case_id", "case_event", ["case_id"])
    op.create_index("ix_case_event_staff_id", "case_event", ["staff_id"])

    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("due", UtcDateTime, nullable=False),
        sa.Column("next_look", UtcDateTime, nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("paused_at", UtcDateTime, nullable=True),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("met_at", UtcDateTime, nullable=True),
        sa.Column("breached_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_clock_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
        sa.UniqueConstraint("case_id", "kind", "round", name=op.f("uq_clock_case_id_kind_round")),
    )
    op.create_index("ix_clock_case_id", "clock", ["case_id"])
    op.create_index("ix_clock_running", "clock", ["met_at", "next_look"])

    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_transfer_case_id_case")),
        sa.ForeignKeyConstraint(["from_id"], ["staff.id"], name=op.f("fk_transfer_from_id_staff")),
        sa.ForeignKeyConstraint(["to_id"], ["staff.id"], name=op.f("fk_transfer_to_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_index("ix_transfer_case_id", "transfer", ["case_id"])
    op.create_index("ix_transfer_from_id", "transfer", ["from_id"])
    op.create_index("ix_transfer_to_id", "transfer", ["to_id"])

    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("done_at", UtcDateTime, nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_call_case_id_case")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_call_done_by_staff")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_call_person_id_person")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_call_question_id_question")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_call_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    op.create_index("ix_call_case_id", "call", ["case_id"])
    op.create_index("ix_call_staff_id", "call", ["staff_id"])

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("due", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_times", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=True),
        sa.Column("answered_at", UtcDateTime, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_follow_up_case_id_case")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_follow_up_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_up_person_id_person")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_follow_up_question_id_question")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_follow_up_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    op.create_index("ix_follow_up_case_id", "follow_up", ["case_id"])
    op.create_index("ix_follow_up_person_state", "follow_up", ["person_id", "state"])
    op.create_index("ix_follow_up_question_id", "follow_up", ["question_id"])

    op.create_table(
        "running_deadline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("trigger", sa.Date(), nullable=True),
        sa.Column("trigger_until", sa.Date(), nullable=True),
        sa.Column("demands", sa.JSON(), nullable=False),
        sa.Column("obstacles", sa.JSON(), nullable=False),
        sa.Column("longest_from", sa.Date(), nullable=True),
        sa.Column("right_known", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_running_deadline_case_id_case")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_running_deadline_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_running_deadline_person_id_person")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_running_deadline_question_id_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_running_deadline")),
        sa.UniqueConstraint(
            "person_id",
            "matter",
            "case_id",
            "question_id",
            name=op.f("uq_running_deadline_person_id_matter_case_id_question_id"),
        ),
    )
    op.create_index("ix_running_deadline_case_id", "running_deadline", ["case_id"])
    op.create_index("ix_running_deadline_person_id", "running_deadline", ["person_id"])

    # Plain columns, not batches: a batch would drop the table, which others refer to.
    op.add_column(
        "case",
        sa.Column("owner_id", sa.Integer(), sa.ForeignKey("staff.id", name="fk_case_owner_id_staff"), nullable=True),
        inline_references=True,
    )
    op.add_column("case", sa.Column("topic", sa.String(), nullable=False, server_default=""))
    op.add_column("case", sa.Column("opponent", sa.Text(), nullable=False, server_default=""))
    op.add_column("case", sa.Column("opponent_side", sa.String(), nullable=False, server_default=""))
    op.add_column("case", sa.Column("party", sa.Text(), nullable=False, server_default=""))
    for name in ("opponent_key", "party_key"):
        op.add_column("case", sa.Column(name, sa.String(), nullable=False, server_default=""))
        op.create_index(f"ix_case_{name}", "case", [name])
    op.add_column("case", sa.Column("waits_for_villager_since", UtcDateTime, nullable=True))
    op.add_column("case", sa.Column("referred_to", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_case_owner_id", "case", ["owner_id"])
    op.add_column("person", sa.Column("reminders_stopped", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("person", sa.Column("preferred_hour", sa.Integer(), nullable=True))
    op.add_column("person", sa.Column("contact", sa.String(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("last_follow_up_at", UtcDateTime, nullable=True))
    op.add_column(
        "shift",
        sa.Column(
            "village_id", sa.Integer(), sa.ForeignKey("village.id", name="fk_shift_village_id_village"), nullable=True
        ),
        inline_references=True,
    )
    op.add_column(
        "shift",
        sa.Column("town_id", sa.Integer(), sa.ForeignKey("town.id", name="fk_shift_town_id_town"), nullable=True),
        inline_references=True,
    )
    op.add_column("shift", sa.Column("topic", sa.String(), nullable=False, server_default=""))
    op.add_column("shift", sa.Column("on_call", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("staff", sa.Column("topics", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("staff", sa.Column("speaks", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        "staff",
        sa.Column("town_id", sa.Integer(), sa.ForeignKey("town.id", name="fk_staff_town_id_town"), nullable=True),
        inline_references=True,
    )
    op.add_column("staff", sa.Column("feed", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_staff_feed", "staff", ["feed"])
    op.create_index("ix_staff_town_id", "staff", ["town_id"])
