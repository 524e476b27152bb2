"""What the papers promise is there: files, names, decisions, links, revisions."""

import re

import pytest

from tests.tidy.tree import PACKAGE, ROOT, name_of, our_files

HEADINGS = ["## Context", "## Decision", "## Consequences", "## Turned down"]
CITED = re.compile(r"\b[Dd]ecisions? (\d{4})\b")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def test_where_do_i_look_leads_somewhere() -> None:
    table = (ROOT / "ARCHITECTURE.md").read_text().partition("## Where do I look?")[2]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert rows, "ARCHITECTURE.md has lost its table"
    assert [wrong for row in rows for wrong in wrong_in_row(row)] == []


@pytest.mark.parametrize(
    "row", ["| How? | `domain/nowhere.py` | `x` |", "| How? | `settings.py` | `no_such_name` |", "| How? |"]
)
def test_a_row_that_leads_nowhere_is_found(row: str) -> None:
    assert wrong_in_row(row)


def test_decisions_are_numbered_without_gaps_and_whole() -> None:
    pages = sorted((ROOT / "decisions").glob("*.md"))
    assert [page.name[:5] for page in pages] == [f"{number:04}-" for number in range(1, len(pages) + 1)]
    incomplete = [
        page.name for page in pages if [line for line in page.read_text().splitlines() if line in HEADINGS] != HEADINGS
    ]
    assert incomplete == []


def test_every_decision_that_is_cited_exists() -> None:
    taken = {page.name[:4] for page in (ROOT / "decisions").glob("*.md")}
    texts = [path for path in our_files() if path.suffix in {".py", ".md", ".sql", ".toml", ".sh", ""}]
    cited = [(name_of(path), number) for path in texts for number in CITED.findall(path.read_text(errors="replace"))]
    # STYLE.md shows what a citation looks like.
    assert [(name, number) for name, number in cited if number not in taken and name != "STYLE.md"] == []


def test_links_between_papers_lead_somewhere() -> None:
    papers = [path for path in our_files() if path.suffix == ".md"]
    links = [(path, target) for path in papers for target in LINK.findall(path.read_text())]
    assert [f"{name_of(path)}: {target}" for path, target in links if not (path.parent / target).exists()] == []


def test_a_migration_is_named_for_its_revision() -> None:
    """`newest_revision` reads the file names only, so that a current database starts without Alembic."""
    scripts = sorted((PACKAGE / "database/migrations/versions").glob("*.py"))
    revisions = [
        re.findall(r'^(?:down_)?revision(?:: [^=]+)? = (?:"(\w+)"|None)$', path.read_text(), re.M) for path in scripts
    ]
    numbers = [path.name[:4] for path in scripts]
    assert revisions == [[number, before] for number, before in zip(numbers, ["", *numbers], strict=False)]


def wrong_in_row(row: str) -> list[str]:
    """Check `| question | files | names |`: files exist, and every name in backticks occurs in one of them."""
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    if len(cells) != 3:
        return [f"not three columns: {row}"]
    paths = [
        PACKAGE / name if (PACKAGE / name).exists() else ROOT / name for name in re.findall(r"`([^`]+)`", cells[1])
    ]
    missing = [f"no file {path.name}: {row}" for path in paths if not path.exists()]
    texts = [path.read_text() for path in paths if path.is_file()]
    names = re.findall(r"`([^`]+)`", cells[2])
    lost = [f"no name {name}: {row}" for name in names if not any(name in text for text in texts)]
    return missing + lost + ([] if paths else [f"names no file: {row}"])
