"""Questions to support, company data and looks of operators."""

from wattline.database.migration_script import run_script

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run 0016_support.sql."""
    run_script(__file__)


def downgrade() -> None:
    """Take a backup instead: questions and answers cannot be had back from anywhere else."""
    raise RuntimeError("Migrations have no way back: restore a backup instead.")
