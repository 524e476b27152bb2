"""What the terminal prints: lines for people with the kWh counting in place, or one JSON object per line."""

import sys
from typing import Any, TextIO

import msgspec


class Slip:
    """One customer's slip. Every step has a name for programs and a sentence for people."""

    def __init__(self, *, as_json: bool, out: TextIO | None = None) -> None:
        self._as_json = as_json
        self._out = out or sys.stdout
        self._counting = False

    def say(self, step: str, sentence: str, **facts: Any) -> None:
        """Print one step."""
        if self._as_json:
            self._out.write(msgspec.json.encode({"step": step, **facts}).decode() + "\n")
        else:
            self._out.write(("\n" if self._counting else "") + sentence + "\n")
            self._counting = False
        self._out.flush()

    def count(self, charge: Any) -> None:
        """Show how a charge goes on; on a screen the line stays where it is."""
        kwh, state, cost = charge["consumedKwh"] or 0, charge["state"], charge.get("price")
        if self._as_json or not self._out.isatty():
            self.say("charge", _line(kwh, state, cost), state=state, kwh=kwh, price=cost)
            return
        self._out.write("\r" + _line(kwh, state, cost).ljust(60))
        self._out.flush()
        self._counting = True


def _line(kwh: float, state: str, cost: float | None) -> str:
    return f"  {kwh:8.3f} kWh  {state}" + ("" if cost is None else f"  {cost:.2f}")
