"""How tests wait: for a condition, with a deadline, never for a length of time."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, overload

T = TypeVar("T")

# How long a test waits for what must come, on a machine that does much else besides.
PATIENCE_SECONDS = 60.0


@overload
async def eventually(look: Callable[[], Coroutine[Any, Any, T]], *, within_seconds: float = ...) -> T: ...
@overload
async def eventually(look: Callable[[], T], *, within_seconds: float = ...) -> T: ...
async def eventually(look: Callable[[], Any], *, within_seconds: float = PATIENCE_SECONDS) -> Any:
    """Look again and again until something true is seen, and return it; fail when the deadline passes.

    An AssertionError counts as "not yet" and is shown when it stays.
    """
    deadline = asyncio.get_running_loop().time() + within_seconds
    while True:
        failure: AssertionError | None = None
        try:
            seen = look()
            result = await seen if inspect.isawaitable(seen) else seen
            if result:
                return result
        except AssertionError as error:
            failure = error
        if asyncio.get_running_loop().time() > deadline:
            raise failure or AssertionError(f"not seen within {within_seconds} s: {inspect.getsource(look).strip()}")
        await asyncio.sleep(0.01)
