"""What only a GPU can show. Skipped, with the reason, where there is none."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlcourse import pytorch, scratch
from dlcourse.data.batches import Batches
from dlcourse.trace import difference

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA GPU here"),
]


def text(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    tokens = np.random.default_rng(seed).integers(0, 11, (32, 17))
    return tokens[:, :-1].copy(), tokens[:, 1:].copy()


def test_the_same_trace_on_the_gpu() -> None:
    net = scratch.GPT(11, 16, 24, 3, 2, rng=np.random.default_rng(0))
    twin = pytorch.give_weights(pytorch.GPT(11, 16, 24, 3, 2), net.state_dict()).to("cuda")
    x, targets = text()
    ours = scratch.trace(net, x, loss=lambda y: scratch.cross_entropy(y, targets))
    on_gpu = torch.from_numpy(x).cuda(), torch.from_numpy(targets).cuda()
    theirs = pytorch.trace(
        twin, on_gpu[0], loss=lambda y: F.cross_entropy(y.flatten(0, 1), on_gpu[1].flatten())
    )
    gaps = difference(ours, theirs, relative=True)
    name = max(gaps, key=lambda key: gaps[key])
    assert gaps[name] < 1e-3, f"{name} differs by {gaps[name]:.2g}"


def test_a_fast_loop_learns_like_the_plain_one() -> None:
    device, losses = pytorch.best_device(), []
    for fast in (False, True):
        torch.manual_seed(0)
        net = pytorch.GPT(11, 16, 24, 3, 2).to(device)
        run = pytorch.compiled(net, device) if fast else net
        optimizer = torch.optim.AdamW(net.parameters(), 1e-2, fused=fast)
        x, targets = (torch.from_numpy(a).to(device) for a in text())
        for _ in range(100):
            with pytorch.mixed_precision(device) if fast else torch.autocast("cuda", enabled=False):
                loss = F.cross_entropy(run(x).flatten(0, 1), targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    assert max(losses) < 1.5 and abs(losses[0] - losses[1]) < 0.3


def test_fit_moves_batches_to_the_net() -> None:
    net = pytorch.MLP(4, 8, 8, 2).to("cuda")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 4)).astype(np.float32)
    batches = Batches(x, (x[:, 0] > 0).astype(np.int64), size=16, rng=rng)
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    rows = list(pytorch.fit(net, F.cross_entropy, optimizer, batches, steps=100))
    assert rows[-1].loss < rows[0].loss / 2
    assert pytorch.predict(net, x).shape == (64, 2)
