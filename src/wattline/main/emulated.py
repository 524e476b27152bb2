"""`wattline emulator`: the emulator's own commands, with the log set up as everywhere."""

import os

from wattline.emulator.command_line import emulator
from wattline.main import logs

__all__ = ["emulator"]

# Which emulated box connected when is seen in the Portal; here only what went wrong is of use.
logs.configure(
    level=os.environ.get("WATTLINE_EMULATOR_LOG_LEVEL", "warning"),
    form=os.environ.get("WATTLINE_LOG_FORMAT", "auto"),
    process="emulator",
)
