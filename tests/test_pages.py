"""README, CONTRIBUTING and CHANGELOG say what is true of the folder they stand in."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(ROOT.glob("*.md"))
README = (ROOT / "README.md").read_text("utf-8")


def test_the_table_of_lessons_is_the_folders() -> None:
    listed = re.findall(
        r"^\| \[(\d\d) [^]]+\]\(notebooks/(\d\d_\w+)\.ipynb\)", README, re.MULTILINE
    )
    assert [name for _, name in listed] == sorted(p.stem for p in ROOT.glob("lessons/*.py"))
    assert all(name.startswith(number) for number, name in listed)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))
    assert not [t for t in targets if "://" not in t and not (ROOT / t).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_files_and_folders_that_are_named_exist(page: Path) -> None:
    """`dlcourse/data/` and `tests/test_laws.py`, but not patterns, nor what is still to come."""
    named = re.findall(
        r"`((?:dlcourse|benchmarks|tests|tools|lessons)/[\w/]+\.?\w*)`", page.read_text("utf-8")
    )
    to_come = re.compile(r"(^|/)(x|NN_x|test_NN_x)\.|tests/exercises/")
    assert not [n for n in named if not to_come.search(n) and not (ROOT / n).exists()]


@pytest.mark.parametrize("mark", ["engine", "digits", "autograd", "viewer"])
def test_measured_tables_have_been_written(mark: str) -> None:
    """By the benchmarks' --readme; a hand would not know the numbers."""
    table = README.partition(f"<!-- {mark} -->")[2].partition(f"<!-- end {mark} -->")[0]
    assert table.count("\n|") >= 4 and re.search(r"\d\.\d", table)


def test_pictures_have_words() -> None:
    for page in PAGES:
        alts = re.findall(r"!\[([^]]*)\]", page.read_text("utf-8"))
        assert all(len(alt) > 20 for alt in alts)


def test_pictures_are_small() -> None:
    """Whoever opens README waits for all of them."""
    shown = re.findall(r"\]\((docs/[^)]+)", README)
    assert shown and all((ROOT / picture).stat().st_size <= 60_000 for picture in shown)
    assert sorted(shown) == sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.webp"))
