"""The twin law: every architecture leaves the same trace in NumPy and in PyTorch."""

import pkgutil
from importlib import import_module

import numpy as np
import pytest

import dlcourse.pytorch
import dlcourse.scratch
from dlcourse.scratch.example import Example
from tests.twins import assert_twins


def files(package: object) -> dict[str, object]:
    found = pkgutil.iter_modules(package.__path__, package.__name__ + ".")
    return {info.name.rpartition(".")[2]: import_module(info.name) for info in found}


OURS, THEIRS = files(dlcourse.scratch), files(dlcourse.pytorch)
ARCHITECTURES = sorted(name for name, module in OURS.items() if hasattr(module, "examples"))


def examples(name: str) -> list[Example]:
    return OURS[name].examples(np.random.default_rng(3))


CASES = [(name, i) for name in ARCHITECTURES for i in range(len(examples(name)))]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name, i", CASES, ids=[f"{name}-{i}" for name, i in CASES])
def test_same_trace(name: str, i: int, dtype: str, training: bool) -> None:
    example = examples(name)[i]
    net = example.net(*example.args, rng=np.random.default_rng(1))
    twin = getattr(THEIRS[name], example.net.__name__)(*example.args)
    assert_twins(net, twin, *example.inputs, dtype=dtype, training=training)
