"""How little it takes to read digits: recipes that reach a good test accuracy from any beginning.

    python benchmarks/digits.py                     the table, each recipe from 5 beginnings
    python benchmarks/digits.py --only mlp --seeds 20 --json rows.json
    python benchmarks/digits.py --readme            write the table into README.md

A recipe fixes everything but the luck: the weights to begin with and the order of the batches.
The test set is looked at once, at the end. PyTorch begins with the same weights, sees the same
batches and follows the same recipe. Time is CPU time of one core, for the training alone.
"""

import argparse
import statistics
from dataclasses import dataclass
from functools import partial
from time import process_time
from typing import Any

from engine import where  # first, for it lets NumPy use all of the processor

# isort: split
import numpy as np
from timing import README, Row, table, threads, write_between, write_json

from dlcourse import pytorch, scratch
from dlcourse.data import Batches, Dataset, split_digits

BATCH = 64
SMOOTHING = 0.2  # of the labels: a net that may doubt learns 1,438 digits less by heart
COLUMNS = {
    "recipe": "",
    "pictures": "",
    "steps": "d",
    "accuracy": ".1%",
    "lowest": ".1%",
    "torch_accuracy": ".1%",
    "numpy_s": ".3f",
    "torch_s": ".3f",
    "ratio": ".2f",
}


@dataclass(frozen=True)
class Recipe:
    net: str  # the class, in dlcourse.scratch as in dlcourse.pytorch
    args: tuple[Any, ...]
    size: int  # of the pictures
    steps: int
    lr: float  # to begin with; it falls to zero along a cosine
    goal: float  # test accuracy, from every beginning

    def data(self) -> tuple[Dataset, Dataset]:
        train, test = split_digits(self.size)
        return (train.flat, test.flat) if self.net == "MLP" else (train, test)


RECIPES = {
    "mlp": Recipe("MLP", (64, 256, 64, 10), size=8, steps=280, lr=0.02, goal=0.97),
    "cnn": Recipe("SmallCNN", (8, 1, 24), size=8, steps=300, lr=0.015, goal=0.97),
    "lenet": Recipe("LeNet", (), size=28, steps=1000, lr=0.005, goal=0.985),
}


def follow(recipe: Recipe, seed: int, state: dict[str, Any] | None = None) -> tuple[Any, ...]:
    """Test accuracy, seconds, and the weights at the beginning.

    From scratch; or, given the weights to begin with, in PyTorch.
    """
    (train, test), rng = recipe.data(), np.random.default_rng(seed)
    world: Any = scratch if state is None else pytorch
    if state is None:
        net = getattr(scratch, recipe.net)(*recipe.args, rng=rng)
        state, adam, loss = net.state_dict(), scratch.Adam, scratch.cross_entropy
    else:
        from torch.nn.functional import cross_entropy as loss
        from torch.optim import Adam as adam

        net = pytorch.give_weights(getattr(pytorch, recipe.net)(*recipe.args), state)
    optimizer = adam(net.parameters(), recipe.lr)
    loss = partial(loss, label_smoothing=SMOOTHING)
    batches = Batches(train.x, train.y, size=BATCH, rng=np.random.default_rng(seed))
    schedule = scratch.cosine(recipe.lr, recipe.steps)
    began = process_time()
    for _ in world.fit(net, loss, optimizer, batches, steps=recipe.steps, schedule=schedule):
        pass
    seconds = process_time() - began
    right = world.predict(net, test.x).argmax(1) == test.y
    return float(right.mean()), seconds, state


def measure(name: str, seeds: int) -> Row:
    """Both worlds in turn, from several beginnings."""
    recipe, ours, theirs = RECIPES[name], [], []
    follow(recipe, 0)  # the first time loads the data
    for seed in range(seeds):
        *mine, state = follow(recipe, seed)
        ours.append(mine)
        theirs.append(follow(recipe, seed, state)[:2])
    accuracies, seconds = zip(*ours, strict=True)
    torch_accuracies, torch_seconds = zip(*theirs, strict=True)
    return {
        "recipe": name,
        "pictures": f"{recipe.size}×{recipe.size}",
        "steps": recipe.steps,
        "accuracy": statistics.mean(accuracies),
        "lowest": min(accuracies),
        "torch_accuracy": statistics.mean(torch_accuracies),
        "numpy_s": statistics.median(seconds),
        "torch_s": statistics.median(torch_seconds),
        "ratio": statistics.median(a / b for a, b in zip(seconds, torch_seconds, strict=True)),
        "goal": recipe.goal,
        "seeds": seeds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=RECIPES, default=list(RECIPES))
    parser.add_argument("--seeds", type=int, default=5, help="beginnings for each recipe (5)")
    parser.add_argument("--json", metavar="FILE", help="also write the rows there")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    with threads(1):
        rows = [measure(name, options.seeds) for name in options.only]
    text = f"{table(rows, COLUMNS)}\n\n{where()}; {options.seeds} beginnings each"
    print(text)
    if options.json:
        write_json(options.json, rows)
    if options.readme:
        write_between(README, "digits", text)


if __name__ == "__main__":
    main()
