"""Hours at which a charge point is public."""

from wattline.database.migration_script import run_script

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0015_public_hours.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: what these tables hold cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
