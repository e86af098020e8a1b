"""What holds for every instrument in Python: names, modules, bytes, pages, answers, streams."""

import asyncio
import base64
import gzip
import html
import inspect
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from dlcourse import scratch, viz
from dlcourse.trace import Trace
from dlcourse.viz import module as modules
from dlcourse.viz.module import VIEWER, module, sent
from dlcourse.viz.page import still
from dlcourse.viz.view import View
from dlcourse.viz.words import Table, Words
from dlcourse.wire import DTYPES, pack, parse
from tests import hosts

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "dlcourse" / "viz" / "instruments"
FILES = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
SOURCES = sorted(path.relative_to(VIEWER).as_posix() for path in VIEWER.rglob("*.js"))
NAMESPACE = "http://www.w3.org/2000/svg"  # a name, and no address that anybody asks
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def gives_a_figure(name: str) -> bool:
    """Some calls give a figure of plotly instead of a view."""
    return "Figure" in str(inspect.signature(getattr(viz, name)).return_annotation)


INSTRUMENTS = [name for name in FILES if not gives_a_figure(name)]


# ── names ────────────────────────────────────────────────────────────────────────────────────────


def test_the_folder_is_the_registry() -> None:
    assert FILES, "there are no instruments"
    assert dir(viz) == sorted([*FILES, "save"])
    for name in FILES:
        assert getattr(viz, name).__name__ == name
        assert getattr(viz, name).__doc__, f"{name} does not say what it shows"
    with pytest.raises(AttributeError, match=r"no 'steper'; it has .*stepper"):
        viz.steper  # noqa: B018


def test_each_instrument_says_what_it_shows() -> None:
    """In tests/browser, where every host is held to it."""
    assert hosts.names() == INSTRUMENTS


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_what_can_be_set_on_screen_can_be_set_in_the_call(name: str) -> None:
    """Or "copy as Python" would give a call that Python refuses."""
    view = hosts.view(name)
    parameters = inspect.signature(getattr(viz, name)).parameters.values()
    settable = {p.name for p in parameters if p.default is not p.empty}
    takes_more = any(p.kind is p.VAR_KEYWORD for p in parameters)  # and looks at the names itself
    assert set(view.choices) == set(view.defaults)
    assert takes_more or set(view.defaults) <= settable
    for key in view.defaults:
        assert re.search(rf"\b{key}\b", module(name)), f"nothing on screen draws {key}"


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_a_view_is_described_for_those_who_do_not_see_it(name: str) -> None:
    view = hosts.view(name)
    words = view.words
    assert words.name == name
    assert words.title and len(words.caption) >= 20 and len(words.alt) >= 40
    assert re.search(r"\d", words.alt), "the alt text tells the numbers of this very picture"
    assert words.table.caption and words.table.rows
    assert {len(row) for row in words.table.rows} == {len(words.table.columns)}
    poster = ElementTree.fromstring(view.poster)
    assert poster.tag == f"{{{NAMESPACE}}}svg" and len(poster) > 2
    assert len(view.poster) < 200_000
    own = view.describe(alt="Words of my own.", caption="Mine, too.")
    data, _ = own._repr_mimebundle_()
    assert data["text/plain"] == "Words of my own." and "Mine, too." in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data
    view.describe(alt=words.alt, caption=words.caption)


# ── modules ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_a_module_is_small_whole_and_asks_nobody(name: str) -> None:
    joined = module(name)
    assert len(sent(name)) <= 100_000
    assert joined.count("export default") == 1 and "\nexport " not in joined.replace(
        "\nexport default", ""
    )
    assert not re.search(r"^\s*import\b|\bimport\(", joined, re.MULTILINE)
    assert "http" not in joined.replace(NAMESPACE, "").replace("https?", "")
    assert not re.search(r"\beval\(|new Function|\bfetch\(|XMLHttp|WebSocket", joined)


def test_what_is_sent_unpacks_to_the_module() -> None:
    packed = re.search(r'const packed = "([^"]+)"', sent(INSTRUMENTS[0]))
    assert packed is not None
    assert gzip.decompress(base64.b64decode(packed[1])).decode() == module(INSTRUMENTS[0])


@pytest.mark.parametrize("file", SOURCES)
def test_a_source_imports_only_as_it_can_be_joined(file: str) -> None:
    source = (VIEWER / file).read_text("utf-8")
    assert source.startswith(("// ", "/**")), "a file says what it is"
    found = modules.IMPORT.findall(source)
    assert len(found) == len(re.findall(r"^\s*import\b", source, re.MULTILINE))
    for names, imported in found:
        there = (VIEWER / modules._place(imported, file)).read_text("utf-8")
        exported = {name for _, name in modules.EXPORT.findall(there)}
        wanted = {name.split(" as ")[0].strip() for name in names.strip("{} \n").split(",")}
        assert wanted - {""} <= exported, f"{file} wants what {imported} does not export"
    top = source[: source.rfind("\nimport ") + 1]
    assert not re.search(r"^(export|const|function|class)", top, re.MULTILINE), "imports come first"


def test_every_source_is_part_of_some_instrument() -> None:
    reached: list[str] = []
    for name in INSTRUMENTS:
        modules._collect(f"{name}.js", reached, ())
    assert sorted(set(SOURCES) - set(reached)) == []


def test_rings_and_missing_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules, "VIEWER", tmp_path)
    (tmp_path / "ring_a.js").write_text('import { b } from "./ring_b.js";\nexport const a = 1;\n')
    (tmp_path / "ring_b.js").write_text('import { a } from "./ring_a.js";\nexport const b = 1;\n')
    with pytest.raises(ImportError, match=r"ring_a\.js → ring_b\.js → ring_a\.js"):
        module("ring_a")
    with pytest.raises(FileNotFoundError, match=r"the viewer has no lost\.js"):
        module("lost")


@needs_node
def test_two_files_may_use_the_same_names_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And comments that hold code, or code that holds slashes, survive being joined."""
    monkeypatch.setattr(modules, "VIEWER", tmp_path)
    (tmp_path / "same_a.js").write_text(
        '// A file.\nconst hidden = "// no comment";\nexport const a = () => hidden;\n'
    )
    (tmp_path / "same_main.js").write_text(
        '// Another.\nimport { a as other } from "./same_a.js";\n'
        '/** export const b = 1; */\nconst hidden = "main";\nconsole.log(other(), hidden);\n'
        "export default 1;\n"
    )
    assert node(module("same_main")) == "// no comment main\n"


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────


def node(script: str, *files: Path) -> str:
    command = [NODE or "", "--input-type=module", "-", *map(str, files)]
    done = subprocess.run(
        command, input=script, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


THERE_AND_BACK = f"""
import {{ readFileSync, writeFileSync }} from "node:fs";
import {{ read, write }} from "{VIEWER.as_uri()}/frame/wire.js";
const [given, back] = process.argv.slice(2);
const {{ kind, content }} = read(readFileSync(given));
const told = Object.entries(content.arrays).map(([name, {{ data, shape, dtype }}]) =>
  [name, {{ dtype, shape, values: [...data].map(String) }}]);
console.log(JSON.stringify({{ kind, plain: content.plain, told: Object.fromEntries(told) }}));
writeFileSync(back, new Uint8Array(write(kind, content).buffer));
"""


def some_arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    whole = {
        name: rng.integers(0, 100, (2, 3)).astype(dtype)
        for name, dtype in DTYPES.items()
        if dtype.kind in "iub"
    }
    edges = [0.0, -0.0, np.nan, np.inf, -np.inf, 1 / 3, 1e-7, -65504]
    floats = {name: np.array(edges, name) for name in ("float16", "float32", "float64")}
    sizes = {"empty": np.zeros((0, 4), "f4"), "one": np.array(2.5, "f4")}
    turned = {"turned": np.arange(6, dtype="f4").reshape(2, 3).T}
    tiny = {"tiny": np.array([6e-8, -6e-5], "f2"), "long": np.array([2**40 + 1, -5])}
    return whole | floats | sizes | turned | tiny


@needs_node
def test_bytes_go_to_the_browser_and_come_back(tmp_path: Path) -> None:
    plain = {"text": 'ü "x"', "list": [1, None, True, -2.5], "deep": {"er": ["π"]}}
    given, back = tmp_path / "given", tmp_path / "back"
    given.write_bytes(pack("view", {"plain": plain, "arrays": some_arrays()}))
    seen = json.loads(node(THERE_AND_BACK, given, back))
    assert seen["kind"] == "view" and seen["plain"] == plain
    for name, array in some_arrays().items():
        told = seen["told"][name]
        assert told["dtype"] == array.dtype.name and told["shape"] == list(array.shape)
        assert np.array_equal(
            np.array([float(v.replace("Infinity", "inf")) for v in told["values"]]),
            array.ravel().astype(float),
            equal_nan=True,
        ), name
    kind, content = parse(back.read_bytes())
    assert kind == "view" and content["plain"] == plain
    for name, array in some_arrays().items():
        single = content["arrays"][name]
        assert single.dtype == np.float32 and single.shape == array.shape
        assert np.array_equal(single, array.astype(np.float32), equal_nan=True), name


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def some_trace() -> Trace:
    rng = np.random.default_rng(0)
    net, labels = scratch.MLP(4, 8, 6, 3, rng=rng), np.array([0, 1, 2, 0, 1])
    x = rng.normal(size=(5, 4)).astype(np.float32)
    return scratch.trace(net, x, loss=lambda y: scratch.cross_entropy(y, labels))


def test_a_page_asks_nobody_and_lets_nothing_out(tmp_path: Path) -> None:
    page = viz.save(viz.stepper(some_trace()), tmp_path / "page.html").read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None and "default-src 'none'" in policy[1]
    assert "connect-src" not in policy[1] and "http" not in policy[1]
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*', page) == []
    assert "http" not in page.replace(NAMESPACE, "").replace("http-equiv", "")


def test_words_cannot_break_out_of_a_page(tmp_path: Path) -> None:
    evil = '</script><script>alert(1)</script>"<b>&{data}'
    view = viz.stepper(some_trace()).describe(alt=evil, caption=evil)
    for text in (viz.save(view, tmp_path / "page.html").read_text("utf-8"), fallback_of(view)):
        assert "<script>alert" not in text and html.escape(evil) in text


def fallback_of(view: View) -> str:
    return view._repr_mimebundle_()[0]["text/html"]


@pytest.mark.parametrize(
    ("thing", "name", "error", "said"),
    [
        ("view", "page.png", ValueError, r"page\.png would be a web page: .* ends with \.html"),
        ("view", "page", ValueError, "ends with .html"),
        ("view", "lost/page.html", FileNotFoundError, "there is no folder .*lost: make it first"),
        ("trace", "page.html", TypeError, r"a view, such as stepper\(trace\); got a Trace"),
        (None, "page.html", TypeError, "got a NoneType"),
    ],
)
def test_what_cannot_be_saved_is_said(
    thing: str | None, name: str, error: type[Exception], said: str, tmp_path: Path
) -> None:
    trace = some_trace()
    things = {"view": viz.stepper(trace), "trace": trace, None: None}
    with pytest.raises(error, match=said):
        viz.save(things[thing], tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def data_in(page: str) -> Any:
    packed = re.search(r'id="data">([^<]+)<', page)
    assert packed is not None
    return parse(gzip.decompress(base64.b64decode(packed[1])))[1]


def test_a_page_of_a_gpt_leaves_out_what_does_not_fit(tmp_path: Path) -> None:
    """Four layers of 128: the trace alone has ten times what a page may hold."""
    net = scratch.GPT(65, 64, 128, 4, 4, rng=np.random.default_rng(0))
    tokens = np.random.default_rng(1).integers(0, 65, (4, 64))
    trace = scratch.trace(net, tokens, loss=lambda y: scratch.cross_entropy(y, tokens))
    assert len(trace.to_bytes()) > 20_000_000
    view = viz.stepper(trace)
    path = viz.save(view, tmp_path / "gpt.html")
    assert 1_000_000 < path.stat().st_size <= 2_000_000
    steps = data_in(path.read_text("utf-8"))["traces"][0]["steps"]
    assert [step["name"] for step in steps] == [step.name for step in trace]
    groups = [step[group] for step in steps for group in ("inputs", "outputs")]
    nodes = [array for group in groups for array in group]
    left = [array for array in nodes if isinstance(array, dict)]
    kept = [array for array in nodes if isinstance(array, np.ndarray)]
    assert left and kept and all(array.keys() == {"left_out"} for array in left)
    assert data_in(path.read_text("utf-8"))["words"] == dict(parse(view.data)[1])["words"]
    assert isinstance(parse(view.data)[1]["traces"][0]["steps"][0]["inputs"][0], np.ndarray), (
        "the live view still has everything"
    )


def test_a_small_trace_is_in_its_page_to_the_last_number(tmp_path: Path) -> None:
    trace = some_trace()
    page = viz.save(viz.stepper(trace), tmp_path / "page.html").read_text("utf-8")
    for step, there in zip(trace, data_in(page)["traces"][0]["steps"], strict=True):
        for key, array in step.arrays().items():
            group, name = key.split(".", 1)
            found = (
                there[group][name] if isinstance(there[group], dict) else there[group][int(name)]
            )
            assert (array is None and found is None) or np.array_equal(found, array), key


# ── answers and streams ──────────────────────────────────────────────────────────────────────────


def asking(**answers: Any) -> View:
    words = Words("stepper", "T", "C", "A", Table("t", ("a",), [("1",)]))
    return View(words, {}, choices={}, defaults={}, poster="<svg/>", answers=answers)


def reply(view: View, name: str, **args: Any) -> Any:
    """What the browser gets for a question, by way of the very bytes."""
    number = 1 + (parse(view.reply)[1]["id"] if view.reply else 0)
    view.question = memoryview(pack("question", {"id": number, "name": name, "args": args}))
    kind, answer = parse(view.reply)
    assert kind == "reply" and (answer["id"], answer["name"]) == (number, name)
    return answer


def test_python_answers_with_arrays() -> None:
    view = asking(double=lambda x, times=2: {"y": x * times, "odd": float("nan")})
    answer = reply(view, "double", x=np.array([1.5, 2], "f4"))
    assert answer["error"] == "" and np.array_equal(answer["answer"]["y"], [3, 4])
    assert np.isnan(answer["answer"]["odd"])
    assert np.array_equal(reply(view, "double", x=np.ones(1, "f4"), times=5)["answer"]["y"], [5])


def test_every_mistake_comes_back_as_a_sentence_and_the_next_question_is_answered() -> None:
    def refuse() -> None:
        raise ValueError("the learning rate must be above zero")

    def silent() -> None:
        raise RuntimeError

    view = asking(refuse=refuse, silent=silent, odd=lambda: object(), fine=lambda: 1)
    assert reply(view, "refuse")["error"] == "the learning rate must be above zero"
    assert reply(view, "silent")["error"] == "RuntimeError"
    assert "nobody here answers 'lost'" in reply(view, "lost")["error"]
    assert "unexpected keyword argument 'x'" in reply(view, "fine", x=1)["error"]
    assert "a object cannot be written" in reply(view, "odd")["error"]
    assert reply(view, "fine") == {"id": 6, "name": "fine", "error": "", "answer": 1}


def test_no_frame_is_sent_before_the_last_one_was_seen() -> None:
    view, sent = asking(), []
    view.observe(lambda change: sent.append(parse(change["new"])[1]), "stream")

    async def frames() -> AsyncIterator[dict[str, Any]]:
        for step in range(100):
            yield {"step": step}

    async def look() -> None:
        view.run(frames())
        await asyncio.sleep(0.2)
        assert [frame["step"] for frame in sent] == [0], "the browser has not seen the first"
        for frame in range(1, 4):
            view.seen = frame
            await asyncio.sleep(0.1)
            assert [one["id"] for one in sent] == list(range(1, frame + 2))
        view.stop()
        view.seen = 4
        await asyncio.sleep(0.1)

    asyncio.run(look())
    assert len(sent) == 4, "nothing after the end"


def test_a_page_that_is_gone_does_not_stop_a_training() -> None:
    view, sent = asking(), []
    view.observe(lambda change: sent.append(change["new"]), "stream")

    async def frames() -> AsyncIterator[dict[str, Any]]:
        for step in range(2):
            yield {"step": step}

    async def look() -> None:
        view.run(frames())
        assert view.task is not None
        await asyncio.wait_for(view.task, 5)

    asyncio.run(look())
    assert len(sent) == 2


def test_words_and_still_picture_can_be_ones_own() -> None:
    view = viz.stepper(some_trace()).describe(alt="A small net.", poster="<svg id='mine'/>")
    shown = still(view)
    assert 'alt="A small net."' in shown and view.words.caption in shown
    assert base64.b64encode(b"<svg id='mine'/>").decode() in shown


def test_a_stream_that_nobody_looks_at_ends_in_time() -> None:
    view, sent = asking(), []
    view.observe(lambda change: sent.append(change["new"]), "stream")

    async def frames() -> AsyncIterator[dict[str, Any]]:
        for step in range(10**6):
            yield {"step": step}

    async def look() -> None:
        view.run(frames(), unseen=0.5)
        assert view.task is not None
        await asyncio.wait_for(view.task, 10)

    asyncio.run(look())
    assert len(sent) < 50


def test_a_stream_that_breaks_says_why() -> None:
    view, sent = asking(), []
    view.observe(lambda change: sent.append(parse(change["new"])[1]), "stream")

    async def frames() -> AsyncIterator[dict[str, Any]]:
        raise ArithmeticError("the loss is nan")
        yield {}

    async def look() -> None:
        view.run(frames())
        assert view.task is not None
        await asyncio.wait_for(view.task, 5)

    asyncio.run(look())
    assert [frame["error"] for frame in sent] == ["the loss is nan"]


def test_showing_other_data_keeps_what_the_learner_has_set() -> None:
    view = viz.stepper(some_trace())
    view.choices = {**view.choices, "at": 3}
    view.show(extra=np.ones(3, "f4"))
    content = parse(view.data)[1]
    assert content["choices"]["at"] == 3 and content["defaults"]["at"] != 3
    assert np.array_equal(content["extra"], [1, 1, 1]) and content["traces"]
