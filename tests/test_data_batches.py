"""Mini-batches: every example once an epoch, and a way back to where one was."""

import numpy as np
import pytest

from dlcourse.data import Batches


def batches(n: int = 10, size: int = 3, seed: int = 0) -> Batches:
    rows = np.arange(n)
    return Batches(rows * 10, rows, size=size, rng=np.random.default_rng(seed))


def test_a_batch_holds_the_same_rows_of_every_array():
    given = batches()
    for _ in range(5):
        x, y = next(given)
        assert x.shape == y.shape == (3,)
        np.testing.assert_array_equal(x, y * 10)
        np.testing.assert_array_equal(y, given.last)


def test_an_epoch_holds_no_example_twice():
    given = batches(12, 3)
    assert len(given) == 4
    epochs = [np.concatenate([next(given)[1] for _ in range(4)]) for _ in range(3)]
    assert all(sorted(epoch) == list(range(12)) for epoch in epochs)
    assert epochs[0].tolist() != epochs[1].tolist() != epochs[2].tolist()


def test_a_rest_waits_for_the_next_order():
    given = batches(10, 4)
    assert len(given) == 2
    assert all(len(next(given)[0]) == 4 for _ in range(20))


def test_a_seed_settles_the_order():
    first, again, other = (
        [next(given)[1].tolist() for _ in range(8)]
        for given in (batches(seed=1), batches(seed=1), batches(seed=2))
    )
    assert first == again
    assert first != other


def test_taken_up_again_they_go_on_the_same_way():
    given = batches()
    for _ in range(4):
        next(given)
    state, dice = given.state_dict(), given.rng.bit_generator.state
    first = [next(given)[1].tolist() for _ in range(8)]
    other = batches(seed=5)
    other.load_state_dict(state)
    other.rng.bit_generator.state = dice
    assert [next(other)[1].tolist() for _ in range(8)] == first


def test_what_was_kept_belongs_to_nobody_else():
    given = batches()
    state = given.state_dict()
    kept = state["order"].tolist()
    given.order[:] = 0
    assert state["order"].tolist() == kept
    given.load_state_dict(state)
    given.order[:] = 0
    assert state["order"].tolist() == kept


def test_mistakes_get_a_sentence():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"different lengths: \[3, 4\]"):
        Batches(np.zeros(3), np.zeros(4), size=1, rng=rng)
    for size in (0, 4):
        with pytest.raises(ValueError, match=f"a batch of {size} cannot be taken from 3"):
            Batches(np.zeros(3), size=size, rng=rng)
    with pytest.raises(ValueError, match="this order is for 10 examples, but there are 9"):
        batches(9).load_state_dict(batches(10).state_dict())
