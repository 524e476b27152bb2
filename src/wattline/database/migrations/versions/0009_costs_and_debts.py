"""What charges cost their owners, and debts that were paid later."""

from wattline.database.migration_script import run_script

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0009_costs_and_debts.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: what these columns hold cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
