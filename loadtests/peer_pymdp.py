"""pymdp's agents in the T-maze of our own benchmark, compiled by jax; needs the extra `pymdp`."""

import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from sim.scenarios.tmaze import make_model

CUE_VALIDITY, REWARD_PROBABILITY, PREFERENCE, PRECISION = 0.9, 0.98, 3.0, 16.0


def pymdp_version() -> str:
    """Empty where it is not installed."""
    try:
        return version("inferactively-pymdp")
    except PackageNotFoundError:
        return ""


def pymdp_steps_per_second(agents: int, seconds: float) -> float:
    """Beliefs, policies, an action and the next prior of all agents, as one compiled function; the
    compilation is not counted."""
    jax = import_module("jax")
    step = _compiled()
    given = _begin(agents)
    jax.block_until_ready(step(*given))
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        jax.block_until_ready(step(*given))
        steps += 1
    return steps / (time.perf_counter() - started)


def _compiled() -> Callable[..., Any]:
    def step(agent: Any, outcomes: Any, prior: Any, keys: Any) -> Any:
        beliefs = agent.infer_states(outcomes, empirical_prior=prior)
        policies, cost = agent.infer_policies(beliefs)
        action = agent.sample_action(policies, rng_key=keys)
        return beliefs, policies, cost, action, agent.update_empirical_prior(action, beliefs)

    compiled: Callable[..., Any] = import_module("equinox").filter_jit(step)
    return compiled


def _begin(agents: int) -> tuple[Any, Any, Any, Any]:
    """The agents, at the start, each with another belief about where the reward is."""
    jax, array = import_module("jax"), import_module("jax.numpy").asarray
    model = make_model(CUE_VALIDITY, REWARD_PROBABILITY, PREFERENCE)
    matrices = {
        letter: [array(np.broadcast_to(x, (agents, *x.shape))) for x in getattr(model, letter)]
        for letter in "ABCD"
    }
    agent = import_module("pymdp.agent").Agent(
        **matrices, policy_len=2, gamma=PRECISION, batch_size=agents
    )
    left = np.random.default_rng(2).random(agents)
    location = np.zeros((agents, 5), dtype=np.float32)
    location[:, 0] = 1
    prior = [array(location), array(np.stack([left, 1 - left], axis=1).astype(np.float32))]
    outcomes = [array(np.zeros((agents, 1), dtype=np.int32)) for _ in model.A]
    return agent, outcomes, prior, jax.random.split(jax.random.PRNGKey(0), agents)
