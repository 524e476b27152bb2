"""The source tree as the tidy tests see it: which files there are, and each Python file parsed once."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "wattline"

# Files of other projects, kept as they came, with their names and licences in a manifest beside them.
VENDORED = ("src/wattline/web/static/vendor/",)


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file."""

    name: str  # path from the root of the repository
    text: str
    tree: ast.Module


@cache
def our_files() -> tuple[Path, ...]:
    """Every file of the project that git knows or would add, without vendored ones."""
    # A clone may belong to somebody else than to whoever runs the tests in it.
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = sorted({name for name in listed.split("\0") if name and not name.startswith(VENDORED)})
    return tuple(path for name in names if (path := ROOT / name).is_file())


@cache
def modules(folder: str) -> tuple[Module, ...]:
    """Every Python file below a folder, named from the root of the repository."""
    files = [path for path in our_files() if path.suffix == ".py" and name_of(path).startswith(f"{folder}/")]
    return tuple(parse(name_of(path), path.read_text()) for path in files)


def parse(name: str, text: str) -> Module:
    return Module(name, text, ast.parse(text))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(node: ast.expr) -> str:
    """Write `a.b.c` for an expression of names, and an empty string for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def docstring_node(node: ast.AST) -> ast.Constant | None:
    """Return the docstring of a module, class or function as a node."""
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
        return None
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.value
    return None
