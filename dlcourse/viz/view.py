"""A view: an instrument with its data, in a notebook with a Python that answers, or in a page."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping
from time import monotonic
from typing import Any, cast

import anywidget
import traitlets

from dlcourse.viz.module import sent
from dlcourse.viz.page import fallback
from dlcourse.viz.words import Words
from dlcourse.wire import pack, parse

__all__ = ["View"]

Answer = Callable[..., Any]
PACE = 1 / 30  # seconds between two frames of a stream at least; the browser sets the real pace
LOST = 1.0  # seconds after which a frame that nobody confirmed is given up: its page is gone


class View(anywidget.AnyWidget):
    """One instrument on screen. `choices` is what the learner has set, as the browser tells it."""

    _esm = traitlets.Unicode().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)
    live = traitlets.Bool(True).tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    question = traitlets.Any().tag(sync=True)
    reply = traitlets.Bytes().tag(sync=True)
    stream = traitlets.Bytes().tag(sync=True)
    seen = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        words: Words,
        content: Mapping[str, Any],
        *,
        choices: Mapping[str, Any],
        defaults: Mapping[str, Any],
        poster: str,
        answers: Mapping[str, Answer] | None = None,
    ) -> None:
        """`answers`: what the browser may ask, by name; each takes the asked arguments by name."""
        self.words, self.content, self.poster = words, _plain(content), poster
        self.defaults, self.answers = dict(defaults), dict(answers or {})
        self.sent, self.task = 0, cast("asyncio.Task[None] | None", None)
        super().__init__(_esm=sent(words.name), choices=dict(choices), data=self.pack(choices))
        self.observe(self._asked, "question")

    def pack(self, choices: Mapping[str, Any]) -> bytes:
        """All that the browser needs, in the binary form of traces."""
        head = {**self.words.content(), "defaults": self.defaults, "choices": dict(choices)}
        return pack("view", {**_plain(head), **self.content})

    def show(self, **content: Any) -> None:
        """Draw other data in the same view."""
        self.content |= _plain(content)
        self.data = self.pack(self.choices)

    def describe(
        self, *, alt: str | None = None, caption: str | None = None, poster: str | None = None
    ) -> View:
        """The same view with words of your own, and a still picture (SVG) of your own."""
        words = self.words
        self.words = dataclasses.replace(
            words, alt=alt or words.alt, caption=caption or words.caption
        )
        self.poster = poster or self.poster
        self.show()
        return self

    def _asked(self, change: Any) -> None:
        """Answer what the browser asked; a mistake goes back as a sentence, and nothing breaks."""
        kind, asked = parse(bytes(change["new"]))
        reply = {"id": asked["id"], "name": asked["name"], "error": "", "answer": None}
        try:
            if kind != "question" or asked["name"] not in self.answers:
                raise LookupError(f"nobody here answers {asked['name']!r}")
            answer = self.answers[asked["name"]](**asked["args"])
            packed = pack("reply", _plain({**reply, "answer": answer}))
        except Exception as error:
            packed = pack("reply", {**reply, "error": str(error) or type(error).__name__})
        self.reply = packed

    # ── streams: frames that Python sends by itself ───────────────────────────────────────────────

    def send(self, **content: Any) -> None:
        """One frame of a stream."""
        self.sent += 1
        self.stream = pack("frame", _plain({"id": self.sent, **content}))

    def run(self, frames: AsyncIterator[Mapping[str, Any]], *, unseen: float = 30) -> None:
        """Send frames while the notebook stays usable, until `stop()`, or until nobody has looked
        for so many seconds."""
        self.stop()
        self.task = asyncio.get_running_loop().create_task(self._run(frames, unseen))

    async def _run(self, frames: AsyncIterator[Mapping[str, Any]], unseen: float) -> None:
        """No frame before the last one was seen, so that none is late and none is lost."""
        looked = monotonic()
        try:
            async for frame in frames:
                self.send(**frame)
                watched = monotonic() - looked < LOST  # who is not looking is not waited for
                if await self._confirmed(LOST if watched else PACE):
                    looked = monotonic()
                elif monotonic() - looked > unseen:
                    break
        except Exception as error:  # nobody awaits a task: without this it would be lost
            self.send(error=str(error) or type(error).__name__)

    async def _confirmed(self, patience: float) -> bool:
        """Wait until the browser has drawn the last frame; false if it does not say so in time."""
        for _ in range(round(patience / PACE)):
            await asyncio.sleep(PACE)
            if self.seen >= self.sent:
                return True
        return False

    def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            self.task = None

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The live view; where no script may run: picture, caption, table, and a page within."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if data is None:
            return None
        return {**data, "text/html": fallback(self), "text/plain": self.words.alt}, metadata


def _plain(node: Any) -> Any:
    """Texts, numbers, lists, dicts and arrays, from whatever an instrument gathered."""
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        return {f.name: _plain(getattr(node, f.name)) for f in dataclasses.fields(node)}
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(value) for value in node]
    return node
