"""Health: problems, alerts, restarts, exclusions, reports of drivers, hours of a network."""

from wattline.database.migration_script import run_script

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0013_health.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: what these tables hold cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
