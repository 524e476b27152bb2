"""Wallets, their transactions, passcodes; members and mail."""

from wattline.database.migration_script import run_script

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0006_wallets.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: what these tables hold cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
