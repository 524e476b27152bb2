"""Small files and small functions (STYLE.md, 9). Docstrings do not count for functions; migrations are left out."""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

from tests.tidy.tree import Module, docstring_node, modules, parse

# The specification has to be argued with there, so files may be longer.
PROTOCOL = ("src/wattline/ocpp/", "src/wattline/wire/", "src/wattline/emulator/")
LEFT_OUT = ("src/wattline/database/migrations/",)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many lines the middle one, nine of ten, and the longest may have."""

    median: int
    p90: int
    longest: int


RULES_FILES = Budget(median=80, p90=250, longest=400)
PROTOCOL_FILES = Budget(median=400, p90=400, longest=600)
FUNCTIONS = Budget(median=8, p90=25, longest=60)

Sized = tuple[int, str]


def test_files_of_rules_and_pages_are_small() -> None:
    assert_within(RULES_FILES, file_sizes(module for module in sources() if not module.name.startswith(PROTOCOL)))


def test_files_of_protocols_are_of_readable_size() -> None:
    assert_within(PROTOCOL_FILES, file_sizes(module for module in sources() if module.name.startswith(PROTOCOL)))


def test_functions_are_small() -> None:
    assert_within(FUNCTIONS, [size for module in sources() for size in function_sizes(module)])


def test_a_long_function_is_found_whatever_its_docstring_says() -> None:
    body = "\n".join(f"    x = {number}" for number in range(70))
    long_one = parse("long.py", f'def long():\n    """{"words " * 5}\n\n    More.\n    """\n{body}\n')
    assert function_sizes(long_one) == [(71, "long.py:1 long")]
    with pytest.raises(AssertionError, match=r"longest 71 > 60.*\n.*long.py:1 long"):
        assert_within(FUNCTIONS, function_sizes(long_one))


def sources() -> list[Module]:
    return [module for module in modules("src") if not module.name.startswith(LEFT_OUT)]


def file_sizes(found: Iterable[Module]) -> list[Sized]:
    """Count the lines of files that hold more than a docstring."""
    return [(module.text.count("\n"), module.name) for module in found if len(module.tree.body) > 1]


def function_sizes(module: Module) -> list[Sized]:
    functions = [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(lines_of(function), f"{module.name}:{function.lineno} {function.name}") for function in functions]


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    docstring = docstring_node(function)
    without = docstring.end_lineno - docstring.lineno + 1 if docstring and docstring.end_lineno else 0
    return function.end_lineno - function.lineno + 1 - without


def assert_within(budget: Budget, sizes: Sequence[Sized]) -> None:
    """Fail with a table of the longest when a budget is exceeded."""
    if not sizes:
        return
    ordered = sorted(sizes)
    median, p90, longest = (ordered[int((len(ordered) - 1) * share)][0] for share in (0.5, 0.9, 1.0))
    found = [("median", median, budget.median), ("p90", p90, budget.p90), ("longest", longest, budget.longest)]
    over = [f"{what} {lines} > {allowed}" for what, lines, allowed in found if lines > allowed]
    table = "\n".join(f"{lines:6} {name}" for lines, name in reversed(ordered[-12:]))
    assert not over, f"{', '.join(over)} (of {len(ordered)})\n{table}"
