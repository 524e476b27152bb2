"""What a ledger with holds has to answer, told as stories. They are played on the rules alone and on PostgreSQL.

The stories are ours; the answers in them are facts of TigerBeetle's public state machine tests (commit 52ad553,
Apache-2.0).
"""

from tests.domain.ledger_stories.balancing import BALANCING
from tests.domain.ledger_stories.chains import CHAINS
from tests.domain.ledger_stories.closing import CLOSING
from tests.domain.ledger_stories.moving import MOVING
from tests.domain.ledger_stories.opening import OPENING
from tests.domain.ledger_stories.settling import SETTLING
from tests.domain.ledger_stories.statements import STATEMENTS

STORIES = (*OPENING, *MOVING, *SETTLING, *CHAINS, *BALANCING, *CLOSING, *STATEMENTS)
