"""The first schema: operators to charges, what charge points tell us, and the rows the world hears through.

Tables keep one word for one thing: `charge_point` is the box that speaks OCPP, `connector` is what one car plugs
into (the Partner API's ChargePoint), `charge` is the session, `transaction` is what the box calls a session.
"""

from wattline.database.migration_script import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the statements of 0001_first_schema.sql, in order."""
    run_script(__file__)


def downgrade() -> None:
    """There is nothing before the first schema; drop the database instead."""
    raise RuntimeError("The first schema has no way back: drop the database instead.")
