"""Restricted charge keys, the audit log for good, deeplinks, deliveries sent again."""

from wattline.database.migration_script import run_script

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0014_keys_and_audit.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: what was written down cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
