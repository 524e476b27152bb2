"""Orders for many charge points, saved views, chosen columns."""

from wattline.database.migration_script import run_script

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0012_fleet.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: orders and saved views cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
