"""The picture of all actors: the server's, and below each run those of its worker."""

from typing import Any

from actors.reference import PlacedRef
from actors.tree import snapshot
from web.runs import Runs

_DEEPEST = 20


def whole_tree(root: PlacedRef[Any], runs: Runs) -> dict[str, Any]:
    """As `actors.tree.snapshot`; a worker's part is as old as its last report."""
    tree = snapshot(root)
    homes = {node["path"]: node for branch in tree["children"] for node in branch["children"]}
    for entry in runs.live.values():
        node = homes.get(f"{root.path}/runs/{entry.run}")
        report = entry.report
        if node is not None and report is not None and isinstance(report.actors, dict):
            node["children"] = [_below(report.actors, node["path"], 0)]
    return tree


def _below(node: dict[str, Any], path: str, depth: int) -> dict[str, Any]:
    """A worker's node in its new place."""
    children = node.get("children") or []
    moved = [_below(c, path, depth + 1) for c in children if depth < _DEEPEST]
    return {**node, "path": f"{path}{node.get('path', '')}", "children": moved}
