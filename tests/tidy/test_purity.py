"""The rules do no I/O, and time and chance are arguments (STYLE.md, 1 and 13)."""

import ast
import re
from collections.abc import Iterator

from tests.tidy.tree import PACKAGE, Module, docstring_node, dotted, modules, name_of, our_files, parse

CLOCK_AND_CHANCE = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "date.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.perf_counter",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid4",
    "os.urandom",
    "token_bytes",
    "token_hex",
    "token_urlsafe",
}
# The dice that verbs are handed.
DICE = "src/wattline/operations/chance.py"
CHANCE_MODULES = {"random.", "secrets."}
INPUT_AND_OUTPUT = {"open", "print", "input", "breakpoint"}
WORLDLY_MODULES = {
    *("asyncio", "asyncpg", "contextvars", "http", "httpx", "io", "litestar", "logging", "os", "pathlib", "random"),
    *("secrets", "shutil", "signal", "socket", "sqlalchemy", "structlog", "subprocess", "sys", "tempfile"),
    *("threading", "time", "urllib.request", "websockets"),
}

# What PostgreSQL offers of the same kind.
SQL_CLOCK_AND_CHANCE = re.compile(
    r"\b(now|random|gen_random_uuid|uuidv[47]|(clock|statement|transaction)_timestamp|timeofday)\s*\("
    r"|\b(current_(timestamp|date|time)|localtime(stamp)?)\b",
    re.IGNORECASE,
)


def test_rules_touch_nothing_of_the_world() -> None:
    domain = modules("src/wattline/domain")
    assert [found for module in domain for found in [*impure_calls(module), *worldly_imports(module)]] == []


def test_verbs_and_questions_never_ask_the_clock_or_roll_dice() -> None:
    asked = [*modules("src/wattline/operations"), *modules("src/wattline/queries")]
    assert [found for module in asked if module.name != DICE for found in impure_calls(module)] == []


def test_sql_never_asks_the_clock_or_rolls_dice() -> None:
    assert [found for module in modules("src") for found in impure_sql(module)] == []
    scripts = [path for path in our_files() if path.suffix == ".sql" and path.is_relative_to(PACKAGE)]
    assert [name_of(path) for path in scripts if SQL_CLOCK_AND_CHANCE.search(uncommented(path.read_text()))] == []


def test_impure_code_is_found() -> None:
    sample = parse(
        "bad.py",
        "import random, secrets, socket\nfrom time import time\n"
        "def rule():\n    open('x'); datetime.now(UTC); random.choice([1]); secrets.token_hex(4); uuid4()\n",
    )
    assert len(impure_calls(sample)) == 5
    assert worldly_imports(sample) == [
        *("bad.py:1 imports random", "bad.py:1 imports secrets", "bad.py:1 imports socket", "bad.py:2 imports time")
    ]


def test_impure_sql_is_found_but_not_in_words_about_it() -> None:
    sample = parse(
        "bad.py", '"""Never now()."""\nA = "select NOW ()"\nB = f"set at = current_timestamp + {A}"\nC = "utc_now()"\n'
    )
    assert impure_sql(sample) == ["bad.py:2 NOW (", "bad.py:3 current_timestamp"]
    assert not SQL_CLOCK_AND_CHANCE.search(uncommented("-- never now()\nselect 1"))


def impure_calls(module: Module) -> list[str]:
    names = [(node.lineno, dotted(node.func)) for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    bad = CLOCK_AND_CHANCE | INPUT_AND_OUTPUT
    chance = tuple(CHANCE_MODULES & {f"{name}." for _line, name in imports(module)})
    return [f"{module.name}:{line} calls {name}" for line, name in names if name in bad or name.startswith(chance)]


def worldly_imports(module: Module) -> list[str]:
    return [f"{module.name}:{line} imports {name}" for line, name in imports(module) if name in WORLDLY_MODULES]


def imports(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def impure_sql(module: Module) -> list[str]:
    docstrings = {docstring_node(node) for node in ast.walk(module.tree)}
    strings = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node not in docstrings
        and " " in node.value
    ]
    found = [(node.lineno, SQL_CLOCK_AND_CHANCE.search(uncommented(str(node.value)))) for node in strings]
    return [f"{module.name}:{line} {match.group()}" for line, match in found if match]


def uncommented(sql: str) -> str:
    return re.sub(r"--[^\n]*", "", sql)
