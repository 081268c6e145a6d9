"""Which versions of what a run was made with."""

from sim.versions import NAME, own_version, versions

__all__ = ["NAME", "own_version", "versions"]
