"""The first schema: operators to charges, what charge points tell us, and the rows the world hears through.

Tables keep one word for one thing: `charge_point` is the box that speaks OCPP, `connector` is what one car plugs
into (the Partner API's ChargePoint), `charge` is the session, `transaction` is what the box calls a session.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the statements of 0001_first_schema.sql, in order."""
    for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """There is nothing before the first schema; drop the database instead."""
    raise RuntimeError("The first schema has no way back: drop the database instead.")
