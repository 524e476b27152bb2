"""A charge key was not accepted."""

from collections.abc import Iterator, Mapping

from wattline.domain.causes.facts import Facts, Line
from wattline.domain.causes.finding import CERTAIN, SHOWN, Cause, Finding, Proof

BY_STATUS: Mapping[str, Cause] = {
    "Invalid": Cause.KEY_UNKNOWN,
    "Blocked": Cause.KEY_BLOCKED,
    "Expired": Cause.KEY_EXPIRED,
    "ConcurrentTx": Cause.KEY_IN_USE,
}


def causes(facts: Facts) -> Iterator[Finding]:
    """Take the last refusal of each sort; a good key that was refused for its money is no matter of keys."""
    if facts.charge is not None:
        if facts.charge.stop_reason == "DeAuthorized":
            proof = Proof(what="StopTransaction", at=facts.charge.stopped_at, value="DeAuthorized")
            yield Finding(cause=Cause.KEY_BLOCKED, weight=CERTAIN, proofs=(proof,), told={"began": True})
        return
    last: dict[str, Line] = {}
    for line in facts.refused_keys(BY_STATUS):
        if not line.says("refusal"):
            last[line.says("status")] = line
    newest = max((line.at for line in last.values()), default=facts.now)
    for status, line in last.items():
        proofs = (Proof(what="StartTransaction", at=line.at, value=status), Proof(what="key", value=ending(line)))
        yield Finding(
            cause=BY_STATUS[status], weight=CERTAIN if line.at == newest else SHOWN, proofs=proofs,
            told={"key": ending(line)},
        )  # fmt: skip


def ending(line: Line) -> str:
    """Show the last four characters of a key: enough to know it by, too little to copy it."""
    return f"··{line.says('idTag')[-4:]}"
