# %% [markdown]
# # Welcome
#
# In this course you build the networks behind today's artificial intelligence from nothing but
# arrays of numbers, and see every number on its way.
# Each network stands beside its twin in PyTorch, the tool that professionals use, and both give
# the same answers, measured.
# You need Python and school mathematics; nothing here is magic, and nothing is hidden.
#
# **Run a cell** with Shift + Enter, from top to bottom. Then change something and run it again.
#
# ## The question
#
# Three arms of a spiral lie around each other. Someone names a place: which arm does it belong to?
# The points are *simulated*, so we know the truth, and can say how often a net finds it.

# %%
import numpy as np

from dlcourse.data import spirals

rng = np.random.default_rng(0)
data = spirals(600, noise=0.06, rng=rng)
train, test = data.split((0.75, 0.25), rng=rng)  # the net never sees the test points
data

# %% folded
# The drawing. Nothing in it is needed to follow the lesson.
import base64
import html
import io

from IPython.display import HTML, display
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

INK, FRAME, PAPER = "#23262d", "#dcd7cb", "#fbfaf6"
COLOURS = ("#004488", "#ddaa33", "#bb5566")  # told apart by colour-blind eyes, and in grey
MARKERS, SIGNS = "o^s", "●▲■"
GLOW = LinearSegmentedColormap.from_list("glow", [PAPER, "#c9dbe8", "#5b8fb9", COLOURS[0]])
RGB = np.array([to_rgb(colour) for colour in COLOURS])

SIZE, REACH = 160, 1.2  # places along one side of a picture; how far it reaches from the middle
FIT = {"origin": "lower", "extent": (-REACH, REACH, -REACH, REACH), "interpolation": "bicubic"}
side = np.linspace(-REACH, REACH, SIZE, dtype=np.float32)
grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)  # (all places, 2)


def panel():
    """An empty square picture."""
    figure = Figure(figsize=(4, 4), facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1), aspect="equal")
    axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH))
    axes.axis("off")
    return figure, axes


def draw_points(axes, points, size=26):
    for label, (colour, marker) in enumerate(zip(COLOURS, MARKERS, strict=True)):
        x1, x2 = points.x[points.y == label].T
        axes.scatter(x1, x2, size, colour, marker=marker, edgecolors=INK, linewidths=0.5)


def draw_border(axes, values):
    """A line where the values change their sign, if they do."""
    if values.min() < 0 < values.max():
        axes.contour(side, side, values.reshape(SIZE, SIZE), [0], colors=INK, linewidths=0.8)


def draw_answers(net, points):
    """Each place in the colour of the net's answer, paler where it is less sure."""
    logits, _ = net(grid)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    strength = 0.6 * p.max(axis=1, keepdims=True) - 0.12  # from 0.08 for a blind guess to 0.48
    tint = strength * (p @ RGB) + (1 - strength) * np.array(to_rgb(PAPER))
    figure, axes = panel()
    axes.imshow(tint.reshape(SIZE, SIZE, 3), **FIT)
    for k in range(3):
        draw_border(axes, p[:, k] - np.delete(p, k, axis=1).max(axis=1))
    draw_points(axes, points)
    return figure


def draw_units(before):
    """The nine units that vary most among the points, each on its own scale."""
    near = np.hypot(*grid.T) < 1
    figure = Figure(figsize=(4, 4), facecolor=PAPER)
    answers = np.maximum(before, 0)
    for place, unit in enumerate(np.argsort(-answers[near].std(axis=0))[:9]):
        axes = figure.add_axes((place % 3 * 0.34, 0.68 - place // 3 * 0.34, 0.32, 0.32))
        most = answers[near, unit].max()
        axes.imshow(answers[:, unit].reshape(SIZE, SIZE), GLOW, vmin=0, vmax=most, **FIT)
        draw_border(axes, before[:, unit])
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color(FRAME)
    return figure


def card(title, *pictures):
    """Pictures side by side on paper that is light in every theme: (figure, caption, alt text)."""
    shown = ""
    for figure, caption, alt in pictures:
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=160)
        source = base64.b64encode(png.getvalue()).decode()
        shown += (
            f'<figure style="margin:0;flex:1 1 15rem;max-width:23rem">'
            f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{source}"'
            f' style="display:block;width:100%;border-radius:8px">'
            f'<figcaption style="margin-top:.6rem">{caption}</figcaption></figure>'
        )
    return HTML(
        f'<div style="background:{PAPER};color:{INK};border:1px solid {FRAME};border-radius:14px;'
        f"padding:1.1rem 1.3rem 1.3rem;width:fit-content;max-width:100%;box-sizing:border-box;"
        f'font:14px/1.5 system-ui,sans-serif">'
        f'<div style="font-size:17px;font-weight:650;margin-bottom:.8rem">{title}</div>'
        f'<div style="display:flex;flex-wrap:wrap;gap:1.4rem">{shown}</div></div>'
    )


legend = " &nbsp; ".join(
    f'<span style="color:{colour}">{sign}</span> arm {k}'
    for k, (colour, sign) in enumerate(zip(COLOURS, SIGNS, strict=True))
)
figure, axes = panel()
draw_points(axes, train, 34)
alt = "450 points in three spiral arms that start near the middle and turn once around each other."
card("Which arm does a place belong to?", (figure, legend, alt))

# %% [markdown]
# ## In NumPy
#
# A net is a chain of layers. Each layer answers, **and hands you the way back**:
# `y, back = layer(x)`. The way forward makes a guess. The loss says how wrong the guess is. The way
# back tells every weight its share of the blame, and the optimizer moves each of them a little.
# That is all of training; the rest of the course looks inside these five lines.

# %%
from dlcourse.scratch.layers import Linear
from dlcourse.scratch.losses import cross_entropy
from dlcourse.scratch.mlp import MLP
from dlcourse.scratch.optim import Adam


def learn(net, steps=400):
    optimizer = Adam(net.parameters(), lr=0.02)
    for step in range(steps):
        logits, back = net(train.x)
        loss, loss_back = cross_entropy(logits, train.y)
        optimizer.zero_grad()
        back(loss_back())
        optimizer.step()
        yield step, loss


def accuracy(net, points):
    logits, _ = net(points.x)
    return (logits.argmax(axis=1) == points.y).mean()


sizes = 2, 32, 32, 3  # two numbers in, two hidden layers of 32 units, three arms out
net = MLP(*sizes, rng=rng)
start = net.state_dict()

# %%
# Watch it learn. The colour of a place is the arm that the net would name, pale where it is unsure;
# the dark line is where it changes its mind.
alt = "The net's answer at every place: three coloured spiral arms, each around its own points."
live = display(display_id=True)
for step, loss in learn(net):
    if step % 40 == 39:
        title = f"Step {step + 1}: loss {loss:.3f}"
        live.update(card(title, (draw_answers(net, train), legend, alt)))

# %% [markdown]
# ## Is that good?
#
# A figure alone says little, so here are two rivals on the same test points: naming always the
# largest class, and a net *without* hidden layers, which can only draw straight lines.

# %%
line = Linear(2, 3, rng=rng)
for _ in learn(line):
    pass

largest = test.class_counts.max() / len(test)
print(f"always the largest class   {largest:6.1%}")
print(f"straight lines             {accuracy(line, test):6.1%}")
print(f"the net                    {accuracy(net, test):6.1%}")

others = []
for seed in range(5):
    other = MLP(*sizes, rng=np.random.default_rng(seed))
    for _ in learn(other):
        pass
    others.append(accuracy(other, test))
print(f"five nets, other weights   {min(others):6.1%} to {max(others):.1%}")

# %% folded
# The two pictures beside each other.
card(
    "On 150 points that neither has seen",
    (
        draw_answers(line, test),
        f"<b>Straight lines</b> are right {accuracy(line, test):.0%} of the time.",
        "Three straight-edged sectors that cut across the spiral arms.",
    ),
    (
        draw_answers(net, test),
        f"<b>The net</b> is right {accuracy(net, test):.0%} of the time.",
        "Three curved regions that follow the spiral arms from the middle outwards.",
    ),
)

# %% [markdown]
# ## Look inside
#
# How do curves come from something that only multiplies and adds? Each hidden unit is a picture of
# its own: pale where it is silent, dark where it speaks up, with a line where it begins to. A unit
# of the first layer folds the plane along one straight line: its two weights are the direction, its
# bias is the place. A unit of the second layer adds up such folds, and its picture bends. The last
# layer adds up the bent ones, and out come spirals.

# %%
before1, _ = net.fc1(grid)  # what the first layer computes at every place, before ReLU
before2, _ = net.fc2(net.act(before1)[0])

card(
    "What single units see",
    (
        draw_units(before1),
        "<b>First layer:</b> one fold each, along a straight line.",
        "Squares, each blank on one side of a straight line and darker with distance on the other.",
    ),
    (
        draw_units(before2),
        "<b>Second layer:</b> sums of folds, bent and closed shapes.",
        "Squares whose blank and dark parts meet along bent lines; one is a closed island.",
    ),
)

# %% [markdown]
# ## In PyTorch
#
# The same five lines, with the tool that professionals use. Only the way back looks different:
# PyTorch remembers it for you. We give the twin the weights that our net started from and let it
# learn; then we give it the weights that our net ended with, and compare every number on the way.

# %%
import torch
from torch.nn import functional as F

from dlcourse.pytorch.mlp import MLP as TorchMLP
from dlcourse.pytorch.record import give_weights
from dlcourse.pytorch.record import trace as torch_trace
from dlcourse.scratch.record import trace
from dlcourse.trace import difference

x, y = torch.tensor(train.x), torch.tensor(train.y)
twin = give_weights(TorchMLP(*sizes), start)
optimizer = torch.optim.Adam(twin.parameters(), lr=0.02)
for _ in range(400):
    logits = twin(x)
    loss = F.cross_entropy(logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

right = (twin(torch.tensor(test.x)).argmax(dim=1).numpy() == test.y).mean()
print(f"PyTorch, from the same start   {right:.1%}")

give_weights(twin, net.state_dict())
ours = trace(net, train.x, loss=lambda logits: cross_entropy(logits, train.y))
theirs = torch_trace(twin, x, loss=lambda logits: F.cross_entropy(logits, y))
gaps = difference(ours, theirs)

outputs = max(gap for name, gap in gaps.items() if ".outputs" in name)
gradients = max(gap for name, gap in gaps.items() if ".d" in name)
print("With the same weights, NumPy and PyTorch differ at most by")
print(f"  {outputs:.0e} in an output (they reach {np.abs(ours['MLP'].output).max():.0f})")
print(f"  {gradients:.0e} in a gradient")

# %% [markdown]
# ## What you can now explain
#
# <details><summary>What are the five steps of every training?</summary>
#
# Forward (make a guess), loss (how wrong is it), forget the old gradients, backward (who is to
# blame), and the optimizer's step (move each weight a little).
# </details>
#
# <details><summary>Why did straight lines fail where the net succeeded?</summary>
#
# Without hidden layers all edges are straight. A hidden unit folds the plane, and sums of folds
# bend.
# </details>
#
# <details><summary>Why do we look at points that the net has not seen?</summary>
#
# A net can learn its training points by heart. Only new points show whether it found the rule.
# </details>
#
# **Try it:** make the hidden layers smaller, `sizes = 2, 4, 4, 3`, or the noise larger. Guess
# beforehand what the picture will look like, then run all cells again.
