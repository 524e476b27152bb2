"""Whoever changes something leaves a line of it in the audit log."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.tidy.tree import Module, docstring_node, modules

FOLDER = "src/wattline/operations"
WRITES = re.compile(r"\binsert into \S|\bupdate \S+ (\w+ )?set |\bdelete from \S", re.IGNORECASE)
WRITING_CALL = "changes.update_row"
NOTING_CALL = "audit.note"

# Verbs that change something and leave no line, and why.
WITHOUT_LINE = {
    "fleet_import.draft_import": "keeps a file to look at; carrying it out is a line",
    "fleet_import.take_passwords": "forgets what was shown once to whoever carried the import out, which is a line",
    "personal_wallets.own_wallet": "opens somebody's empty wallet when they first look at it",
    "saved_views.choose_columns": "how somebody looks at a list is their own matter",
    "saved_views.forget_view": "how somebody looks at a list is their own matter",
    "saved_views.save_view": "how somebody looks at a list is their own matter",
    "wallet_access.wallet_to_use": "counts tries of a passcode; what the wallet is used for is a line",
}


@dataclass(frozen=True, slots=True)
class Function:
    """One function: whether it is a verb that somebody asks for, whether it writes itself, and what it names."""

    is_verb: bool
    writes: bool
    named: frozenset[str]


def test_every_verb_that_changes_something_is_noted() -> None:
    verbs = [name for name, function in functions().items() if function.is_verb]
    assert len(verbs) > 100
    assert sorted(name for name in verbs if changes(name) and not is_noted(name)) == sorted(WITHOUT_LINE)


def changes(name: str) -> bool:
    return any(other == WRITING_CALL or (_known(other) and functions()[other].writes) for other in reached(name))


def is_noted(name: str) -> bool:
    return NOTING_CALL in reached(name)


def reached(name: str) -> frozenset[str]:
    """Name everything that a function calls or names, itself and what these name included."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting.extend(functions()[each].named if _known(each) else ())
    return frozenset(seen)


@cache
def functions() -> dict[str, Function]:
    return {name: function for module in modules(FOLDER) for name, function in _functions_of(module)}


def _known(name: str) -> bool:
    return name in functions()


def _functions_of(module: Module) -> Iterator[tuple[str, Function]]:
    stem = module.name.rpartition("/")[2].removesuffix(".py")
    constants = {
        target.id: ast.unparse(node.value)
        for node in module.tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    imported = {
        alias.asname or alias.name: f"{(node.module or '').rpartition('.')[2]}.{alias.name}"
        for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }  # fmt: skip
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            text = " ".join(_texts(node, constants)).replace("\\n", " ")
            named = frozenset(_named(node, stem, imported))
            yield f"{stem}.{node.name}", Function(_is_verb(node), bool(WRITES.search(text)), named)


def _is_verb(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = {each.arg for each in [*node.args.args, *node.args.kwonlyargs]}
    return {"database", "asked_by"} <= arguments and not node.name.startswith("_")


def _texts(node: ast.AST, constants: dict[str, str]) -> Iterator[str]:
    docstring = docstring_node(node)
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each is not docstring:
            yield " ".join(each.value.split()) + " "
        elif isinstance(each, ast.Name):
            yield constants.get(each.id, "")


def _named(node: ast.AST, stem: str, imported: dict[str, str]) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield imported.get(each.id, f"{stem}.{each.id}")
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in imported:
            yield f"{imported[each.value.id].rpartition('.')[2]}.{each.attr}"
