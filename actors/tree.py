"""The picture of the actor tree: plain values, for people and for the wire."""

import itertools
from typing import Any

from actors.reference import PlacedRef

# Children drawn one by one below one node; the others are one node together.
MOST_CHILDREN = 200


def snapshot(root: PlacedRef[Any], most: int = MOST_CHILDREN) -> dict[str, Any]:
    """The tree below a ref. On the loop's thread; costs a few microseconds per node drawn."""
    children = list((root.children or {}).values())
    nodes = [snapshot(entry.ref, most) for entry in itertools.islice(children, most)]
    if len(children) > most:
        nodes.append(together([entry.ref for entry in children[most:]], f"{root.path}/…"))
    return node(root, nodes)


def node(ref: PlacedRef[Any], children: list[dict[str, Any]]) -> dict[str, Any]:
    """One actor. `seconds_per_message` leaves out what a coroutine waits for."""
    box = ref.actor_inbox
    depth = len(box)
    return {
        "path": ref.path,
        "class": ref.actor_class.__name__,
        "state": ref.state,
        "mailbox": {
            "depth": depth,
            "high_water": max(depth, box.high_water),
            "dropped": box.dropped,
        },
        "handled": ref.handled,
        "seconds_per_message": ref.busy / ref.handled if ref.handled else 0.0,
        "restarts": ref.restarts,
        "last_error": ref.last_error,
        "children": children,
    }


def together(refs: list[PlacedRef[Any]], path: str) -> dict[str, Any]:
    """Many actors as one node: the sum of what they did, the most that waited at one of them."""
    boxes = [ref.actor_inbox for ref in refs]
    handled = sum(ref.handled for ref in refs)
    classes = sorted({ref.actor_class.__name__ for ref in refs})
    errors = [ref.last_error for ref in refs if ref.last_error is not None]
    return {
        "path": path,
        "class": f"{len(refs)} × {', '.join(classes)}",
        "state": "running",
        "mailbox": {
            "depth": max(len(box) for box in boxes),
            "high_water": max(box.high_water for box in boxes),
            "dropped": sum(box.dropped for box in boxes),
        },
        "handled": handled,
        "seconds_per_message": sum(ref.busy for ref in refs) / handled if handled else 0.0,
        "restarts": sum(ref.restarts for ref in refs),
        "last_error": errors[-1] if errors else None,
        "children": [],
    }


def count(tree: dict[str, Any]) -> int:
    """How many nodes a snapshot has."""
    return 1 + sum(count(child) for child in tree["children"])
