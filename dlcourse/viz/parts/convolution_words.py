"""What the convolution instrument says of a net, and its still picture."""

import numpy as np

from dlcourse.trace import Array, Trace
from dlcourse.viz.parts.picture_net import is_conv, pictures_of
from dlcourse.viz.poster import Picture
from dlcourse.viz.words import Table

KEYS = {
    "arrow keys in a grid": "move the window, or look at the next number",
    "Space, Delete on the picture": "paint a pixel, wipe it out",
    "Enter on a feature map": "keep this cell; Enter on another one moves it",
    "pointer on the picture": "look, draw or erase: choose above it",
}
NARROW = "\u00a0×\u00a0"  # sizes are not torn apart at the end of a line
CAPTION = (
    "Move the window, change the kernel, draw another picture; then look at what each layer of the "
    "net makes of it, and which pixels a cell has seen."
)


def subtitle(net: Trace) -> str:
    size = " × ".join(map(str, pictures_of(net).shape[1:]))
    convs = sum(is_conv(step) for step in net)
    return f"{convs} convolution{'s' * (convs > 1)}, pictures of {size}".replace(" × ", NARROW)


def alt(net: Trace) -> str:
    said = [f"A net of {len(net.steps)} layers looks at pictures of {_sizes(pictures_of(net))}."]
    for step in net:
        if is_conv(step):
            weight, output = step.params["weight"], step.output
            assert output is not None
            kernel = " × ".join(map(str, weight.shape[2:]))
            said.append(f"{step.name} slides {len(weight)} kernels of {kernel}: {_sizes(output)}.")
    last = net.steps[-1].output
    if last is not None and last.ndim == 2 and last.shape[1] > 1:
        said.append(f"For the first picture, answer {int(np.argmax(last[0]))} is the largest.")
    return " ".join(said)


def _sizes(array: Array) -> str:
    return " × ".join(map(str, array.shape[1:])) or "1"


def table(net: Trace) -> Table:
    rows = []
    for step in net:
        y = step.output
        if y is None or not y.size:
            continue
        weight = step.params.get("weight")
        shape = "" if weight is None else " × ".join(map(str, weight.shape))
        zeros = f"{np.mean(y == 0):.0%}"
        rows.append((step.name, step.kind, shape, _sizes(y), f"{np.abs(y).max():.4g}", zeros))
    columns = ("layer", "kind", "weights", "what comes out", "largest", "zeros")
    return Table("What each layer makes of the pictures", columns, rows)


def poster(net: Trace) -> str:
    """The first picture, the maps of each convolution, and the answer."""
    picture = Picture(760, 300)
    picture.text(20, 30, "Convolution", 16, bold=True)
    x = pictures_of(net)[0]
    picture.text(20, 62, "picture", 12, quiet=True)
    picture.heat(20, 70, 130, 130 * x.shape[1] / x.shape[2], x[0])
    left = 176.0
    for step in [step for step in net if is_conv(step)][:2]:
        output = step.output
        assert output is not None
        maps, reach = output[0], float(np.abs(output[0]).max(initial=0))
        picture.text(left, 62, f"{step.name}: {_sizes(output)}", 12, quiet=True)
        size = 58
        for i, each in enumerate(maps[:12]):
            at = left + (i % 4) * (size + 4), 70 + i // 4 * (size + 4)
            picture.heat(*at, size, size, each, reach or None)
        left += 4 * (size + 4) + 20
    last = net.steps[-1].output
    if last is not None and last.ndim == 2:
        picture.text(20, 272, f"answer: {int(np.argmax(last[0]))}", 13)
    return picture.svg()
