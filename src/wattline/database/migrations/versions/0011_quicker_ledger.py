"""The ledger's triggers, in less time."""

from wattline.database.migration_script import run_script

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0011_quicker_ledger.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: what these triggers guard cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
