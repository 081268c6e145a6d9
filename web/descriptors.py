"""How many descriptors this process may have: each connection is one."""

import logging
import resource

log = logging.getLogger(__name__)
OTHERS = 200  # descriptors for files, workers, listeners and half-open handshakes


def allow_many(connections: int) -> None:
    """Raises the limit as far as the system lets us, and warns where it is too low for so many
    connections; 0 is any number, of which nothing can be said."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = connections + OTHERS
    if connections and hard != resource.RLIM_INFINITY and hard < wanted:
        log.warning(
            "The system allows %d open files, limits.connections is %d and needs about %d: "
            "raise LimitNOFILE (ulimit -n), or lower limits.connections",
            hard,
            connections,
            wanted,
        )
