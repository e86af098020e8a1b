"""Make README's picture: what the first notebook shows, photographed in a browser.

    python tools/picture.py            runs notebooks/00_welcome.ipynb, writes docs/first-net.webp

It needs the course's `browser` extra, and Chromium.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

import nbclient
import nbformat
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "first-net.webp"
WANTED = ("On 150 points", "What single units see")  # titles of the cards to show
PAGE = """<meta charset="utf-8"><style>
body {{ margin: 0; background: #fbfaf6 }}
main {{ display: inline-flex; gap: 14px; padding: 14px }}
main > div {{ width: 590px !important }}
figure {{ flex: 1 1 0 !important }}
</style><main>{}</main>"""


def cards() -> list[str]:
    """The HTML of the wanted outputs, from a fresh run of the notebook."""
    book = nbformat.read(ROOT / "notebooks" / "00_welcome.ipynb", as_version=4)
    nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": ROOT}}).execute()
    outputs = (output for cell in book.cells for output in cell.get("outputs", []))
    pages = [output.get("data", {}).get("text/html", "") for output in outputs]
    return [page for page in pages if any(title in page for title in WANTED)]


def photograph(page: str, path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        window = browser.new_page(viewport={"width": 1300, "height": 700})
        window.goto(file.as_uri())
        path.parent.mkdir(exist_ok=True)
        photo = window.locator("main").screenshot()
        browser.close()
    Image.open(io.BytesIO(photo)).save(path, quality=90)


if __name__ == "__main__":
    if shutil.which("chromium") is None:
        sys.exit("this picture needs Chromium, which is not on this machine's path")
    photograph(PAGE.format("".join(cards())), PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1024} KB")
