"""What a connection tells about itself: the greeting, its rights, and where its topics stand."""

from collections.abc import Sequence

from actors.event import Subscription
from actors.publishing import Standing
from web.auth import Identity
from web.messages import PROTOCOL_VERSION, Established, instant, now
from web.pool import Member
from web.stage import Stage


def greeting(stage: Stage, member: Member) -> Established:
    """The first message to a client."""
    identity, settings = member.identity, stage.settings
    return Established(
        timestamp=now(),
        client_id=member.client_id,
        protocol=PROTOCOL_VERSION,
        server={"name": stage.name, "version": stage.version},
        user=identity.user,
        scopes=sorted(identity.scopes),
        expires_at=end_of(identity),
        heartbeat=vars(settings.heartbeat),
        limits=vars(settings.limits),
        topics=[str(pattern) for pattern in identity.topics],
    )


def rights(identity: Identity) -> dict[str, object]:
    """What a token allows."""
    return {
        "user": identity.user,
        "scopes": sorted(identity.scopes),
        "expires_at": end_of(identity),
        "topics": [str(pattern) for pattern in identity.topics],
    }


def end_of(identity: Identity) -> str | None:
    """When the token ends, as the wire tells times."""
    return None if identity.expires_at is None else instant(identity.expires_at)


def places(
    subscriptions: Sequence[Subscription], listed: Sequence[Sequence[Standing]]
) -> list[dict[str, object]]:
    """The subscriptions, each with the topics that match now."""
    return [
        {
            "pattern": str(subscription.pattern),
            "mode": subscription.mode,
            "max_hz": subscription.max_hz,
            "topics": [_place(standing) for standing in standings],
        }
        for subscription, standings in zip(subscriptions, listed, strict=True)
    ]


def _place(standing: Standing) -> dict[str, object]:
    topic, position, recovered = standing
    return {
        "topic": topic,
        "epoch": position.epoch,
        "offset": position.offset,
        "recovered": recovered,
    }
