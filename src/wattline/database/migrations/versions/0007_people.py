"""People: places where they work, invitations, member groups."""

from wattline.database.migration_script import run_script

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0007_people.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: what these tables hold cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
