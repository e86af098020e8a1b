# %% [markdown]
# # The gallery
#
# Every instrument of this course, each on a small net that has just learned something real.
# Run all cells (*Run → Run All Cells*, about half a minute), then point, drag and type: nothing
# can break, and **?** in the upper right corner of each tells its keys.
#
# An instrument shows what happened in *your* net, too: each is one call.

# %%
import itertools

import numpy as np

from dlcourse import data, pytorch, scratch, viz

rng = np.random.default_rng(0)
digit_names = [str(digit) for digit in range(10)]

# %% [markdown]
# ## Playground
#
# A net learns in front of you, in NumPy or in PyTorch; change a weight, go back in time, fork.

# %%
sets = [data.moons(150, rng=rng), data.circles(150, rng=rng), data.xor(150, rng=rng)]
sets += [data.spirals(150, noise=0.06, rng=rng), data.blobs(150, rng=rng, classes=3)]
viz.playground(scratch.Pupil, pytorch.Pupil, data=sets, hidden=(6, 4))

# %% [markdown]
# ## Stepper
#
# One step of training, number by number, forward and back; each number tells how it was made.

# %%
train, test = data.split_digits(8)
flat = train.flat
reader = scratch.MLP(64, 12, 8, 10, rng=rng)
adam = scratch.Adam(reader.parameters(), 0.01)
batches = data.Batches(flat.x, flat.y, size=32, rng=rng)
list(scratch.fit(reader, scratch.cross_entropy, adam, batches, steps=150))
some, named = flat.x[:6], flat.y[:6]
viz.stepper(scratch.Experiment(reader, some, loss=lambda y: scratch.cross_entropy(y, named)))

# %% [markdown]
# ## Autograd
#
# The same for your own arithmetic: what a number was made of, and what each part has to do with it.

# %%
x, w, b = scratch.Value(2.0, name="x"), scratch.Value(-1.5, name="w"), scratch.Value(3.5, name="b")
loss = ((w * x + b).tanh() - 1) ** 2
loss.backward()
viz.autograd(loss)

# %% [markdown]
# ## Architecture
#
# A net as a drawing: how its arrays change their shape, and what each layer costs.

# %%
tower = scratch.SmallCNN(8, 1, 16, rng=rng)
viz.architecture(scratch.trace(tower, train.x[:2]))

# %% [markdown]
# ## Training monitor
#
# How the loss falls while a net learns; here the training is over, and can be looked at in peace.

# %%
from dlcourse.scratch.time_travel import Training
from dlcourse.trace import Run


def recorded(steps, lr):
    net = scratch.SmallCNN(8, 1, 16, rng=np.random.default_rng(1))
    mover = scratch.Adam(net.parameters(), lr)
    batches = data.Batches(train.x, train.y, size=64, rng=np.random.default_rng(2))
    run = Run(seed=1)
    rows = scratch.fit(net, scratch.cross_entropy, mover, batches, steps=steps)
    list(run.record(rows, Training(net, mover, batches), every=40))
    return net, run


tower, quick = recorded(160, 0.01)
_, slow = recorded(160, 0.002)
viz.monitor(quick, beside=slow, names=("learning rate 0.01", "learning rate 0.002"))

# %% [markdown]
# ## Examples
#
# What a classifier mistakes for what: open a cell and see the pictures behind it.

# %%
chances = scratch.softmax(scratch.predict(tower, test.x))
viz.examples(test.x, test.y, chances, class_names=digit_names)

# %% [markdown]
# ## Convolution
#
# A window slides over a picture, and over your own drawing; then the net's own feature maps.

# %%
seen = scratch.Experiment(tower, test.x[:6], loss=lambda y: scratch.cross_entropy(y, test.y[:6]))
viz.convolution(seen.trace(), answer=seen, class_names=digit_names)

# %% [markdown]
# ## Loss landscape
#
# All nets in a plane of weights, their loss as a height, and two optimizers on their way down.

# %%
points = data.moons(80, rng=np.random.default_rng(3))
places = points.x.astype(np.float32)


def small():
    return scratch.MLP(2, 8, 8, 2, rng=np.random.default_rng(5))


def race(kind, lr):
    net, run = small(), Run(seed=0)
    mover = getattr(scratch, kind)(net.parameters(), lr)
    batches = data.Batches(places, points.y, size=20, rng=np.random.default_rng(1))
    rows = scratch.fit(net, scratch.cross_entropy, mover, batches, steps=120)
    list(run.record(rows, Training(net, mover, batches), every=4))
    return run


runs = {"SGD": race("SGD", 0.3), "Adam": race("Adam", 0.03)}
tried = scratch.Experiment(small(), places, loss=lambda y: scratch.cross_entropy(y, points.y))
viz.landscape(tried, runs, race=race, size=31)

# %% [markdown]
# ## Sequence
#
# A net that reads letter by letter: its gates, its memory, and how far a gradient reaches back.

# %%
text = data.load_text().text
letters = data.Alphabet.of(text)
ids = letters.encode(text)


def taught(net, steps, lr, loss):
    mover = scratch.Adam(net.parameters(), lr)
    windows = data.Windows(ids, 32, 24, rng=np.random.default_rng(4))
    list(scratch.fit(net, loss, mover, windows, steps=steps, max_norm=1.0))
    return net


lstm = taught(scratch.CharLSTM(len(letters), 16, 24, rng=rng), 150, 0.01, scratch.next_token_loss)
line = "for the name of the class is"
read = letters.encode(line)[None]
following = np.roll(read, -1, axis=1)
trace = scratch.trace(lstm, read, loss=lambda y: scratch.next_token_loss(y, following))
viz.sequence(trace, line)

# %% [markdown]
# ## Attention
#
# Who looks at whom, head by head, and what comes next; type a text of your own.

# %%
gpt = taught(scratch.GPT(len(letters), 32, 32, 2, 2, rng=rng), 150, 0.005, scratch.cross_entropy)


def look(words):
    return scratch.trace(gpt, letters.encode(words[-32:])[None]), words[-32:]


viz.attention(*look("the name of the "), read=look, vocabulary=letters.characters)

# %% [markdown]
# ## Latent plane
#
# Two numbers for each digit are all that this net keeps; walk between them, and see what it paints.

# %%
pictures = data.load_digits().flat
folded = scratch.Autoencoder(64, 64, 2, rng=rng)
mover = scratch.Adam(folded.parameters(), 5e-3)
batches = data.Batches(pictures.x, pictures.x, size=64, rng=rng)
list(scratch.fit(folded, scratch.mse_loss, mover, batches, steps=500))
codes = folded.encoder(pictures.x[:300])[0]
options = {"pictures": pictures.x[:300].reshape(-1, 8, 8), "class_names": digit_names}
viz.latent(codes, pictures.y[:300], decode=lambda z: folded.decoder(z)[0], **options)

# %% [markdown]
# ## Duel
#
# One net paints points, the other one judges them; both get better by it.

# %%
middles = np.array([[-1, -1], [1, -1], [0, 1]], np.float32)


def real_and_noise():
    rng = np.random.default_rng(1)
    while True:
        real = middles[rng.integers(0, 3, 64)] + 0.15 * rng.normal(size=(64, 2))
        yield real.astype(np.float32), rng.normal(size=(64, 2)).astype(np.float32)


maker, judge = scratch.Generator(2, 32, 2, rng=rng), scratch.Discriminator(2, 32, rng=rng)
movers = [scratch.Adam(net.parameters(), 5e-3, (0.5, 0.9)) for net in (maker, judge)]
frame = (-2, 2, -2, 2)
rounds = scratch.duel_rounds(maker, judge, movers, real_and_noise(), frame=frame, every=20)
viz.duel(list(itertools.islice(rounds, 30)), more=rounds, modes=middles)

# %% [markdown]
# ## Denoising
#
# Points lose their shape to noise step by step; a net has learned to find the way back.

# %%
steps = 40
moon = data.moons(1000, noise=0.05, rng=rng).x.astype(np.float32)
guide = scratch.NoisePredictor(2, 64, steps, rng=rng)
process = scratch.Diffusion(scratch.cosine_betas(steps))
mover = scratch.Adam(guide.parameters(), 3e-3)
for _ in range(1500):
    clean = moon[rng.integers(0, len(moon), 128)]
    noise = rng.normal(size=clean.shape).astype(np.float32)
    _, back = process.loss(guide, clean, rng.integers(0, steps, 128), noise)
    mover.zero_grad()
    back()
    mover.step()
walk = scratch.record_diffusion(process, guide, moon[:200], np.random.default_rng(5))
viz.denoising(walk, way="backward")
