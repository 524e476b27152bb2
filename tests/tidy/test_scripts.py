"""The scripts are POSIX where they must be, and refuse what they do not know."""

import subprocess

import pytest

from tests.tidy.tree import ROOT


@pytest.mark.parametrize(("shell", "script"), [("sh", "dev"), ("bash", ".ci/run")])
def test_scripts_can_be_read_by_their_shell_and_be_run(shell: str, script: str) -> None:
    subprocess.run([shell, "-n", script], cwd=ROOT, check=True)
    assert (ROOT / script).stat().st_mode & 0o111


def test_dev_works_from_anywhere_and_names_its_commands() -> None:
    said = subprocess.run([ROOT / "dev", "help"], cwd="/", check=True, capture_output=True, text=True).stdout
    assert [line.split()[1] for line in said.splitlines()] == [
        "run",
        "test",
        "check",
        "bench",
        "fmt",
        "lock",
        "wattline",
    ]


def test_dev_refuses_what_it_does_not_know() -> None:
    refused = subprocess.run([ROOT / "dev", "deploy"], check=False, capture_output=True, text=True)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "./dev run" in refused.stderr
