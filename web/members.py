"""The members of a pool as `connections.list` has them."""

from typing import Any

from web.messages import instant
from web.pool import Member


def as_listed(member: Member) -> dict[str, Any]:
    """One connection."""
    identity = member.identity
    return {
        "client_id": member.client_id,
        "user": identity.user,
        "scopes": sorted(identity.scopes),
        "address": member.address,
        "opened_at": instant(member.opened_at),
        "queued": member.line.queued,
    }
