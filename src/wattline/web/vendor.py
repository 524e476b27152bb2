"""Fetch what we vendor from other people, and note what it is: `python -m wattline.web.vendor`.

`vendor.json` says which files of which package lie where; this script packs the packages with npm (whose registry is
whatever npm is set to), copies the files and writes their SHA-256 into the manifest. Nobody needs npm to run Wattline.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MANIFEST = HERE / "vendor.json"
STATIC = HERE / "static"


def manifest() -> list[dict[str, Any]]:
    """Read the packages: name, version, licence, and files as `{"from", "to", "sha256"}`."""
    packages: list[dict[str, Any]] = json.loads(MANIFEST.read_text())["packages"]
    return packages


def sha256(file: Path) -> str:
    """Return the digest the manifest keeps of a file, as hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def refresh() -> None:
    """Fetch every package at the version the manifest names and lay its files out anew."""
    packages = manifest()
    with tempfile.TemporaryDirectory() as scratch:
        for package in packages:
            unpacked = _unpack(f"{package['name']}@{package['version']}", Path(scratch))
            for file in package["files"]:
                target = HERE / file["to"]
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(unpacked / file["from"], target)
                file["sha256"] = sha256(target)
    MANIFEST.write_text(json.dumps({"packages": packages}, indent=1, ensure_ascii=False) + "\n")


def _unpack(what: str, scratch: Path) -> Path:
    npm = shutil.which("npm")
    assert npm, "npm is needed to refresh vendored files"
    packed = subprocess.run([npm, "pack", "--silent", what], cwd=scratch, check=True, capture_output=True, text=True)
    archive = scratch / packed.stdout.split()[-1]
    folder = scratch / archive.name.removesuffix(".tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


if __name__ == "__main__":
    refresh()
