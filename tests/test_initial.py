"""What `initialise` leaves alone, and what it sets to zero."""

import numpy as np

from dlcourse.scratch.initial import initialise
from dlcourse.scratch.layers import Linear, Sequential
from dlcourse.scratch.norm import BatchNorm1d, LayerNorm


def test_scales_of_norm_layers_stay_whatever_their_shape() -> None:
    rng = np.random.default_rng(0)
    net = Sequential(Linear(4, 4, rng=rng), BatchNorm1d(4), LayerNorm((3, 4)))
    for param in net.parameters():
        param.data = np.full_like(param.data, 7)
    initialise(net, "he_normal", rng)
    state = net.state_dict()
    for place in "12":
        assert (state[f"{place}.weight"] == 7).all() and (state[f"{place}.bias"] == 0).all()
    assert (state["0.weight"] != 7).all() and (state["0.bias"] == 0).all()
