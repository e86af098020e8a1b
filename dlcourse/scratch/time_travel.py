"""Go back to an earlier step of a training, and from there on: the same way, or another.

training = Training(net, optimizer, batches)
run = Run(seed=0)
for row in run.record(fit(net, ..., steps=100), training, every=20): ...

training.restart(run.frame_before(57))                          # the key-frame of step 40
for row in fit(net, ..., steps=range(training.step, 100)): ...  # bit for bit the same
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlcourse.scratch.layer import Layer
from dlcourse.scratch.optim import Optimizer
from dlcourse.scratch.record import generators
from dlcourse.trace import Array, Frame, Trace

__all__ = ["Training"]


@dataclass
class Training:
    """All that changes while a net learns: weights, the optimizer's memory, the batch order."""

    net: Layer
    optimizer: Optimizer
    batches: Any  # dlcourse.data's Batches, or anything with a state_dict and an rng
    step: int = 0  # the next one

    def parts(self) -> dict[str, Any]:
        return {"net": self.net, "optimizer": Memory(self), "batches": self.batches}

    def dice(self) -> dict[str, Any]:
        """Every random generator that has a say."""
        return generators(self.net) | {"batches": self.batches.rng}

    def frame(self, trace: Trace | None = None) -> Frame:
        """A key-frame: what there is before the next step is taken."""
        arrays = {
            f"{part}/{name}": array
            for part, owner in self.parts().items()
            for name, array in owner.state_dict().items()
        }
        states = {name: generator.bit_generator.state for name, generator in self.dice().items()}
        return Frame(self.step, arrays, states, trace)

    def restart(self, frame: Frame) -> None:
        """Make everything as it was; afterwards all steps to come repeat exactly."""
        self._require_mine(frame)
        self.step = frame.step
        for part, owner in self.parts().items():
            mine = [name for name in frame.arrays if name.startswith(f"{part}/")]
            owner.load_state_dict({n.removeprefix(f"{part}/"): frame.arrays[n] for n in mine})
        for name, generator in self.dice().items():
            generator.bit_generator.state = frame.generators[name]

    def _require_mine(self, frame: Frame) -> None:
        """Look before anything is changed: does the frame hold what this training remembers?"""
        mine = self.frame()
        here, there = (
            {name: a.shape for name, a in f.arrays.items()}
            | {f"dice {name}": state["bit_generator"] for name, state in f.generators.items()}
            for f in (mine, frame)
        )
        if odd := sorted({name for name, _ in here.items() ^ there.items()}):
            raise ValueError(
                f"this frame is of another training, {', '.join(odd[:3])} differ: build net, "
                f"optimizer and batches as they were then; nothing was changed"
            )


@dataclass
class Memory:
    """What the optimizer remembers, under the names of the weights: "fc1.weight/mean", "lr"."""

    training: Training

    def weights(self) -> list[str]:
        """Names of what it moves, in its order; a number for what is no weight of the net."""
        names = {id(p): name for name, p in self.training.net.named_parameters().items()}
        params = self.training.optimizer.params
        return [names.get(id(param), str(i)) for i, param in enumerate(params)]

    def state_dict(self) -> dict[str, Array]:
        names, state = self.weights(), {}
        for name, array in self.training.optimizer.state_dict().items():
            number, _, slot = name.partition(".")
            state[f"{names[int(number)]}/{slot}" if slot else name] = array
        return state

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        numbers = {name: i for i, name in enumerate(self.weights())}
        numbered = {}
        for name, array in state.items():
            weight, _, slot = name.rpartition("/")
            numbered[f"{numbers[weight]}.{slot}" if weight else name] = array
        self.training.optimizer.load_state_dict(numbered)
