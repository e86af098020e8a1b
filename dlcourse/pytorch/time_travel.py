"""Go back to an earlier step of a training, as scratch's time_travel.py does it."""

from collections import defaultdict
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dlcourse.pytorch.record import array
from dlcourse.trace import Array, Frame, Trace

__all__ = ["Training"]

# What the optimizers of scratch call the memory of torch's; in a frame both have these names.
SLOTS = {
    "exp_avg": "mean",
    "exp_avg_sq": "square",
    "square_avg": "square",
    "momentum_buffer": "velocity",
}


@dataclass
class Training:
    """All that changes while a net learns: weights, the optimizer's memory, the batch order."""

    net: nn.Module
    optimizer: Optimizer
    batches: Any  # dlcourse.data's Batches, or anything with a state_dict and an rng
    step: int = 0  # the next one

    def frame(self, trace: Trace | None = None) -> Frame:
        """A key-frame: what there is before the next step is taken."""
        arrays = {f"net/{name}": _copy(t) for name, t in self.net.state_dict().items()}
        names = self._weights()
        for i, memory in self.optimizer.state_dict()["state"].items():
            kept = {SLOTS.get(slot, slot): t for slot, t in memory.items() if t is not None}
            arrays |= {f"optimizer/{names[i]}/{slot}": _copy(t) for slot, t in kept.items()}
        for i, group in enumerate(self.optimizer.param_groups):
            arrays[f"lr/{i}" if i else "optimizer/lr"] = np.array(group["lr"])
        arrays |= {f"slots/{name}": np.array(0) for name in _slots(self.optimizer)}
        arrays |= {f"batches/{name}": a for name, a in self.batches.state_dict().items()}
        arrays |= {f"dice/{place}": array for place, array in _dice().items()}
        return Frame(self.step, arrays, {"batches": self.batches.rng.bit_generator.state}, trace)

    def restart(self, frame: Frame) -> None:
        """Make everything as it was; afterwards all steps to come repeat exactly."""
        self._require_mine(frame)
        self.step = frame.step
        parts: dict[str, dict[str, Array]] = {}
        for name, kept in frame.arrays.items():
            part, _, rest = name.partition("/")
            parts.setdefault(part, {})[rest] = kept
        self.net.load_state_dict({name: torch.tensor(a) for name, a in parts["net"].items()})
        rates = {"0": parts["optimizer"].pop("lr")} | parts.get("lr", {})
        self._remember(parts["optimizer"], rates)
        self.batches.load_state_dict(parts.get("batches", {}))
        self.batches.rng.bit_generator.state = frame.generators["batches"]
        _throw(parts["dice"])

    def _require_mine(self, frame: Frame) -> None:
        """Look before anything is changed: does the frame hold what this training remembers?"""
        here, there = (
            {n: a.shape for n, a in f.arrays.items() if not n.startswith(("optimizer/", "dice/"))}
            | {f"dice {name}": state["bit_generator"] for name, state in f.generators.items()}
            for f in (self.frame(), frame)
        )
        if odd := sorted({name for name, _ in here.items() ^ there.items()}):
            raise ValueError(
                f"this frame is of another training, {', '.join(odd[:3])} differ: build net, "
                f"optimizer and batches as they were then; nothing was changed"
            )

    def _weights(self) -> list[str]:
        """Names of what it moves, in its order; a number for what is no weight of the net."""
        names = {id(param): name for name, param in self.net.named_parameters()}
        params = [param for group in self.optimizer.param_groups for param in group["params"]]
        return [names.get(id(param), str(i)) for i, param in enumerate(params)]

    def _remember(self, memory: Mapping[str, Array], rates: Mapping[str, Array]) -> None:
        state = self.optimizer.state_dict()
        state["state"] = {}
        numbers = {name: i for i, name in enumerate(self._weights())}
        torch_slots = _slots(self.optimizer)
        for name, kept in memory.items():
            weight, _, ours = name.rpartition("/")
            slot = next((s for s in torch_slots if SLOTS.get(s) == ours), ours)
            state["state"].setdefault(numbers[weight], {})[slot] = torch.tensor(kept)
        for slots in state["state"].values() if "step" in torch_slots else ():
            slots.setdefault("step", torch.tensor(0.0))  # scratch counts only where it matters
        for number, group in enumerate(state["param_groups"]):
            group["lr"] = float(rates[str(number)])
        self.optimizer.load_state_dict(state)


def _slots(optimizer: Optimizer) -> set[str]:
    """What it remembers for a weight. Torch's learn this in their first step: a twin takes one."""
    twin, names = copy(optimizer), set()
    twin.state = defaultdict(dict)
    for group in optimizer.param_groups:
        weight = torch.zeros_like(group["params"][0], requires_grad=True)
        weight.grad = torch.zeros_like(weight)
        twin.param_groups = [group | {"params": [weight]}]
        twin.step()
        names |= {name for name, kept in twin.state[weight].items() if kept is not None}
    return names


def _copy(tensor: Tensor) -> Array:
    kept = array(tensor)
    assert kept is not None
    return kept


def _dice() -> dict[str, Array]:
    """The state of torch's generators: the processor's, and each GPU's."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states |= {f"cuda{i}": s for i, s in enumerate(torch.cuda.get_rng_state_all())}
    return {place: state.numpy().copy() for place, state in states.items()}


def _throw(dice: Mapping[str, Array]) -> None:
    """Give the states back to those generators that this machine has, too."""
    torch.set_rng_state(torch.tensor(dice["cpu"]))
    for i in range(torch.cuda.device_count()):
        if f"cuda{i}" in dice:
            torch.cuda.set_rng_state(torch.tensor(dice[f"cuda{i}"]), i)
