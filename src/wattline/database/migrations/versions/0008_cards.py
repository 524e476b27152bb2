"""Charges paid by card, what cards' banks take back, and default cards."""

from wattline.database.migration_script import run_script

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0008_cards.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: what these columns hold cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
