"""Fetch axe-core, which looks for what keeps people out of a page; the browser tests run it.

    python tools/axe.py            into build/, where git does not look; once

It comes from npm, one exact version with one exact content, and is never part of the course.
"""

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSION = "4.14.1"
SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
PLACE = ROOT / "build" / f"axe-core-{VERSION}.js"


class Missing(RuntimeError):
    """axe-core is not here and could not be fetched; the message says why."""


def script() -> str:
    """axe-core's source, fetched if it is not here yet."""
    if not PLACE.is_file():
        PLACE.parent.mkdir(exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(package()), mode="r:gz") as archive:
            file = archive.extractfile("package/axe.min.js")
            assert file is not None
            PLACE.write_bytes(file.read())
    return PLACE.read_text(encoding="utf-8")


def package() -> bytes:
    """The archive as npm gives it, and no other."""
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("axe-core comes from npm, and npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", f"axe-core@{VERSION}", "--pack-destination", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = list(Path(folder).glob("*.tgz"))
        if done.returncode or not found:
            raise Missing(f"npm could not fetch axe-core {VERSION}: {done.stderr.strip()[-200:]}")
        archive = found[0].read_bytes()
    if hashlib.sha256(archive).hexdigest() != SHA256:
        raise Missing(f"what npm gave as axe-core {VERSION} is not what these tests know")
    return archive


if __name__ == "__main__":
    try:
        script()
    except Missing as error:
        sys.exit(str(error))
    print(f"{PLACE.relative_to(ROOT)}: {PLACE.stat().st_size // 1024} KB")
