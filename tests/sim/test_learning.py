"""What is learned: counts by hand, in fractions, and what must hold of any."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import ModelError
from sim.learning import Counts, Knowledge, Learning
from sim.model import Model
from tests.sim.models import distributions, random_model

SEEDS = st.integers(0, 10_000)


def tiny_model() -> Model:
    """Two states, two outcomes, two controls."""
    moves = np.stack([np.eye(2), np.full((2, 2), 0.5)], axis=2)
    return Model(A=[np.full((2, 2), 0.5)], B=[moves], C=[[0, 0]], D=[[0.25, 0.75]])


def test_counts_are_those_that_a_hand_adds() -> None:
    knowledge = Knowledge(tiny_model(), 1, Learning(rate=2.0, strength=4.0))
    before, after = np.array([[0.75, 0.25]]), np.array([[0.5, 0.5]])

    knowledge.begin(before)
    knowledge.observe(after, np.array([[1]]))
    knowledge.move(before, after, np.array([[1]]))

    assert knowledge.D[0].values[0].tolist() == [1 + 1.5, 3 + 0.5]
    assert knowledge.A[0].values[0].tolist() == [[2, 2], [2 + 1, 2 + 1]]
    assert knowledge.B[0].values[0, :, :, 0].tolist() == [[4, 0], [0, 4]]
    assert knowledge.B[0].values[0, :, :, 1].tolist() == [[2.75, 2.25], [2.75, 2.25]]


def test_learning_and_forgetting_agree_with_arithmetic_in_fractions() -> None:
    prior, rate, forgetting = [Fraction(1, 3), Fraction(2)], Fraction(1, 2), Fraction(1, 5)
    seen = [[Fraction(3, 4), Fraction(1, 4)], [Fraction(1, 7), Fraction(6, 7)]]
    counts = Counts("D[0]", [float(p) for p in prior], 1)

    exact = list(prior)
    for q in seen:
        counts.add(
            np.array([q], dtype=float), Learning(rate=float(rate), forgetting=float(forgetting))
        )
        exact = [
            p + (1 - forgetting) * (a - p) + rate * e
            for p, a, e in zip(prior, exact, q, strict=True)
        ]

    assert counts.values[0] == pytest.approx([float(a) for a in exact], abs=1e-14)
    assert counts.expected()[0] == pytest.approx([float(a / sum(exact)) for a in exact], abs=1e-15)


def learn_for_a_while(seed: int, learning: Learning, order: np.ndarray) -> Knowledge:
    """Six agents in this order learn from random posteriors, outcomes and controls."""
    model, random = random_model(seed), np.random.default_rng(seed)
    knowledge = Knowledge(model, len(order), learning)
    for _ in range(4):
        before, after = (distributions(random, model.states, 6).T[order] for _ in range(2))
        who = (random.random(6) < 0.7)[order]
        knowledge.begin(before, who)
        knowledge.observe(after, random.integers(0, 2, (6, 2))[order], who)
        knowledge.move(before, after, random.integers(0, 2, (6, 2))[order], who)
    return knowledge


@given(SEEDS, st.floats(0, 5), st.floats(0, 1), st.booleans())
def test_no_count_falls_below_its_prior_and_what_is_expected_sums_to_one(
    seed: int, rate: float, forgetting: float, is_shared: bool
) -> None:
    learning = Learning(rate=rate, forgetting=forgetting, is_shared=is_shared)

    knowledge = learn_for_a_while(seed, learning, np.arange(6))

    for counts in (*knowledge.A, *knowledge.B, *knowledge.D):
        assert (counts.values >= counts.prior - 1e-12).all()
        assert counts.expected().sum(axis=1) == pytest.approx(1.0)


@given(SEEDS)
def test_permuting_agents_permutes_what_they_learned(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(6)
    learning = Learning(rate=0.5, forgetting=0.1)

    straight = learn_for_a_while(seed, learning, np.arange(6))
    permuted = learn_for_a_while(seed, learning, order)

    for one, other in zip(straight.A + straight.B, permuted.A + permuted.B, strict=True):
        assert other.values == pytest.approx(one.values[order], abs=1e-14)


def test_agents_that_share_learn_the_sum_of_what_each_saw() -> None:
    posterior = np.array([[1.0, 0.0], [0.5, 0.5]])
    shared = Knowledge(tiny_model(), 2, Learning(is_shared=True))

    shared.observe(posterior, np.array([[0], [1]]))

    assert shared.A[0].values.tolist() == [[[1.5, 0.5], [1.0, 1.0]]]


def test_full_forgetting_leaves_the_prior_and_the_last_observation() -> None:
    counts = Counts("D[0]", [1.0, 2.0], 1)

    for seen in ([[1.0, 0.0]], [[0.0, 1.0]]):
        counts.add(np.array(seen), Learning(forgetting=1.0))

    assert counts.values[0].tolist() == [1.0, 3.0]


def test_what_the_prior_rules_out_is_not_learned() -> None:
    counts = Counts("D[0]", [0.0, 2.0], 1)

    counts.add(np.array([[0.5, 0.5]]), Learning())

    assert counts.values[0].tolist() == [0.0, 2.5]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rate": -1.0}, r"learning\.rate is -1; allowed is 0"),
        ({"forgetting": 1.5}, r"learning\.forgetting is 1\.5; allowed is 0 to 1"),
        ({"strength": 0.0}, r"learning\.strength is 0"),
        ({"of": "ABC"}, r"learning\.of is 'ABC'"),
    ],
)
def test_an_option_of_learning_that_cannot_be_is_named(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        Learning(**wrong)  # type: ignore[arg-type]


def test_a_column_without_prior_counts_is_named() -> None:
    with pytest.raises(ModelError, match=r"A\[0\] sums to 0 along axis 0 at \[1\]"):
        Counts("A[0]", [[1.0, 0.0], [1.0, 0.0]], 1)
