"""What one asks about the agents of a run, and how a question can be wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadBelief:
    """Ask BeliefState: the belief of one agent after the last tick, as a map with its `tick`."""

    agent: str


@dataclass(frozen=True, slots=True)
class ReadAgents:
    """Ask BeliefState: `{agents: [{agent, column: value…}], total, tick}`, one page of a table.

    `sort` is a column, with `-` before it for falling order; `filter` such as
    `entropy>0.5,solved=1`, all of which must hold; `total` counts the rows that pass it.
    """

    offset: int = 0
    limit: int = 100
    sort: str | None = None
    filter: str | None = None


@dataclass(frozen=True, slots=True)
class ReadAgent:
    """Ask Agents: `{agent, tick, state, belief, policies, history}` of one agent."""

    agent: str


class QuestionError(Exception):
    """A question that cannot be answered; the text says what is wrong and what is allowed."""


class NoSuchAgent(QuestionError):  # noqa: N818 - reads as a statement
    """There is no agent of that number; `agents` is how many there are."""

    def __init__(self, agent: str, agents: int) -> None:
        super().__init__(f"there is no agent {agent[:64]!r}; they are numbered 0 to {agents - 1}")
        self.agent = agent
        self.agents = agents


class NoTickYet(QuestionError):  # noqa: N818 - reads as a statement
    """The run has not made its first tick."""

    def __init__(self) -> None:
        super().__init__("the run has not made a tick yet")


class NoBelief(QuestionError):  # noqa: N818 - reads as a statement
    """The agents of this scenario hold no beliefs."""

    def __init__(self) -> None:
        super().__init__("the agents of this scenario hold no beliefs")


class InvalidTable(QuestionError):  # noqa: N818 - reads as a statement
    """`sort`, `filter`, `offset` or `limit` of ReadAgents is wrong; `parameter` says which."""

    def __init__(self, parameter: str, value: object, allowed: str) -> None:
        super().__init__(f"{parameter} is {str(value)[:200]!r}; allowed: {allowed}")
        self.parameter = parameter
        self.value = value
        self.allowed = allowed
