"""OCPP as values: frames, conversations, schemas, messages and meters. No socket, no clock, no chance.

The gateway (central system) and the emulator (charge point) are two shells around this package.

| to know…                                         | open                          |
|--------------------------------------------------|-------------------------------|
| what a frame is, and what to answer to a bad one | `rpc.py`, `text_repair.py`    |
| who owes whom an answer on one socket            | `conversation.py`             |
| which actions exist, and who may send them       | `versions.py`                 |
| what a payload must look like                    | `schemas.py` (official files) |
| what we put up with, and what it is called       | `lenient.py`, `deviations.py` |
| the shapes we act on                             | `v16.py`, `commands.py`       |
| what a meter said                                | `meter.py`                    |
"""
