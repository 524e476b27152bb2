"""Accounts: passkeys, one-time codes, tickets, single sign-on."""

from wattline.database.migration_script import run_script

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0010_accounts.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: what these tables hold cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
