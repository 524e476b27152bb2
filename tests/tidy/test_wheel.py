"""Wattline installs as an ordinary package: the wheel holds all that lies in src/, and the command works from it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tidy.tree import PACKAGE, ROOT, our_files
from wattline import __version__


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from the tree as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_migrations_templates_and_all_other_files(wheel: Path) -> None:
    wanted = {path.relative_to(PACKAGE.parent).as_posix() for path in our_files() if path.is_relative_to(PACKAGE)}
    vendored = {path.relative_to(PACKAGE.parent).as_posix() for path in (PACKAGE / "web/static").rglob("*.*")}
    assert (wanted | vendored) - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_command_works_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    scripts = next(tmp_path.glob("*.dist-info")) / "entry_points.txt"
    assert "wattline = wattline.main:main" in scripts.read_text()
    program = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import wattline.main; "
        "print(wattline.__file__, flush=True); wattline.main.main()"
    )
    command = [sys.executable, "-c", program, str(tmp_path), "--version"]
    said = subprocess.run(command, cwd="/", check=True, capture_output=True, text=True).stdout
    assert said.split() == [str(tmp_path / "wattline/__init__.py"), __version__]
