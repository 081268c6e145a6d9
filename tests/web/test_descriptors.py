"""The limit of open files, in a process of its own, since it cannot be raised again."""

import subprocess
import sys

SCRIPT = """
import logging, resource, sys
from web.descriptors import allow_many
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 1000))
logging.basicConfig(format="%(message)s")
allow_many(int(sys.argv[1]))
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def allowed(connections: int) -> tuple[str, str]:
    """What the limit is afterwards, and what was logged."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(connections)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout.strip(), done.stderr.strip()


def test_the_limit_is_raised_as_far_as_it_goes() -> None:
    assert allowed(500) == ("1000", "")


def test_a_limit_that_is_too_low_for_the_connections_is_told_with_what_to_do() -> None:
    limit, warning = allowed(1000)

    assert limit == "1000"
    assert warning == (
        "The system allows 1000 open files, limits.connections is 1000 and needs about 1200: "
        "raise LimitNOFILE (ulimit -n), or lower limits.connections"
    )


def test_of_any_number_of_connections_nothing_can_be_said() -> None:
    assert allowed(0) == ("1000", "")
