"""Words we do not want in the tree: folders named for nothing, promises without an owner, traces of a machine."""

import ast
import re

from tests.tidy.tree import PACKAGE, modules, name_of, our_files

BANNED_NAMES = {"utils", "util", "common", "helpers", "helper", "core", "manager", "service", "services", "misc"}

# Written in two halves here, or this file would find itself.
PROMISES = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
MACHINE_TRACES = re.compile(
    "|".join(
        re.escape(first + second)
        for first, second in [
            ("/work", "/main"),
            ("/work", "/shared"),
            ("/work", "/plan"),
            ("/root", "/."),
            ("/opt", "/wheels"),
            ("/opt", "/pypi"),
            ("pypi", ".org"),
            ("python", "hosted.org"),
            ("npm", "js.org"),
            ("npm", "js.com"),
            ("deb.debian", ".org"),
            ("js", "delivr"),
            ("un", "pkg.com"),
            ("cdn", "js.cloudflare"),
        ]
    )
)


def test_nothing_is_named_for_nothing() -> None:
    names = {part for path in our_files() if path.is_relative_to(PACKAGE) for part in path.relative_to(PACKAGE).parts}
    assert BANNED_NAMES & {name.removesuffix(".py") for name in names} == set()


def test_no_promises_and_no_traces_of_a_machine() -> None:
    assert [found for path in our_files() for found in unwanted(name_of(path), path.read_bytes())] == []


def test_unwanted_words_are_found() -> None:
    text = "a\n# TO" + "DO later\nindex = 'https://pypi" + ".org/simple'\n"
    assert unwanted("x.py", text.encode()) == ["x.py:2 TO" + "DO", "x.py:3 pypi" + ".org"]


def test_every_module_says_what_it_is_for() -> None:
    # An empty __init__.py in tests only makes a package of its folder.
    written = [*modules("src"), *(module for module in [*modules("tests"), *modules("bench")] if module.text)]
    assert [module.name for module in written if not ast.get_docstring(module.tree)] == []


def unwanted(name: str, content: bytes) -> list[str]:
    """Find promises and traces in a text; a binary file has none that a reader would see."""
    if b"\0" in content:
        return []
    lines = enumerate(content.decode("utf-8", "replace").splitlines(), start=1)
    hits = ((number, PROMISES.search(line) or MACHINE_TRACES.search(line)) for number, line in lines)
    return [f"{name}:{number} {hit.group()}" for number, hit in hits if hit]
