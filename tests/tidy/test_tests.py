"""Tests wait for what they want to see, run always, and use the real thing."""

import ast

from tests.tidy.tree import Module, dotted, modules, parse

# The one place that may pause between two looks.
WAITING = "tests/waiting.py"

NEVER_CALLED = {
    *("time.sleep", "pytest.skip", "pytest.xfail", "pytest.importorskip"),
    *("pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail", "unittest.skip"),
}


def test_tests_never_sleep_skip_or_pretend() -> None:
    assert [found for module in modules("tests") if module.name != WAITING for found in forbidden(module)] == []


def test_forbidden_things_are_found() -> None:
    lines = [
        "from unittest.mock import patch",
        "@pytest.mark.xfail",
        "async def test():",
        "    await asyncio.sleep(0.1)",
    ]
    sample = parse("bad.py", "\n".join([*lines, "    time.sleep(1)", "    pytest.skip('later')"]))
    names = [line.split()[1] for line in forbidden(sample)]
    assert names == ["unittest.mock", "pytest.mark.xfail", "asyncio.sleep", "time.sleep", "pytest.skip"]


def test_giving_way_to_other_tasks_is_allowed() -> None:
    assert forbidden(parse("good.py", "async def test():\n    await asyncio.sleep(0)\n")) == []


def forbidden(module: Module) -> list[str]:
    """Find sleeps, skips, expected failures and mocks, in the order of their lines."""
    found = [
        (node.lineno, name)
        for node in ast.walk(module.tree)
        if (name := forbidden_name(node)) and hasattr(node, "lineno")
    ]
    return [f"{module.name}:{line} {name}" for line, name in sorted(set(found))]


def forbidden_name(node: ast.AST) -> str:
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("unittest"):
        return node.module or ""
    if isinstance(node, ast.Call) and dotted(node.func) == "asyncio.sleep":
        return "" if isinstance(node.args[0], ast.Constant) and node.args[0].value == 0 else "asyncio.sleep"
    if isinstance(node, ast.Attribute) and dotted(node) in NEVER_CALLED:
        return dotted(node)
    return ""
