"""One client: hears its messages, answers them, and sends it what it subscribed to."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, cast

import pykka

from actors.event import Event
from actors.future import LoopFuture
from actors.loop import LoopActor
from actors.mailbox import MailboxFull
from actors.publishing import Deliver, Leave, Subscribe, Unsubscribe
from actors.topics import covers
from web.announcement import DRAINING, Announcement
from web.answers import end_of, greeting, places, rights
from web.codec import UNTELLABLE, encode_events
from web.dialogue import (
    Asked,
    AskPing,
    AskPublish,
    AskSubscribe,
    AskUnsubscribe,
    Dialogue,
)
from web.errands import Answered, Errand, Errands, defect
from web.errors import (
    COMMAND_FAILED,
    PERMISSION_DENIED,
    POLICY,
    SERVER_ERROR,
    SLOW_CONSUMER,
    TOKEN_EXPIRED,
    VALIDATION_ERROR,
    Refusal,
)
from web.frames import PreparedFrame
from web.ladder import SLOWED_HZ, Step
from web.messages import Pong, Response, now
from web.notices import Direct, Drain, FellBehind, Gone, Received, TokenEnds
from web.placing import Parted, Placed
from web.pool import Member
from web.requests import Refresh
from web.stage import Missed, Stage
from web.websocket import StageProtocol

EXPIRING, SLOW = "connection.expiring", "connection.slow"
GOING_AWAY = 1001


class Connection(LoopActor):
    """Carries out a dialogue over a socket. Queries and commands run beside it, so that events
    go on; each is answered, before all events that wait, as soon as it is done."""

    # Far above what one turn of the loop brings: what is told must not be lost without a word.
    mailbox_size = 20_000
    # At hand without the way through a dict, for each event and connection.
    __slots__ = ("_dialogue", "_errands", "_line", "_member", "_outbox", "_stage", "_told")

    def __init__(self, stage: Stage, member: Member, line: StageProtocol) -> None:
        super().__init__()
        identity = member.identity
        allowance = None
        if not identity.is_worker:
            user = None if identity.is_anonymous else identity.user
            allowance = stage.rates.allowance(user, member.network, self.runtime.clock.now())
        limits = stage.settings.limits
        self._stage = stage
        self._member = member
        self._line = line
        self._outbox = line.outbox
        self._dialogue = Dialogue(identity, allowance, limits.patterns)
        # Made with the first query or command: most clients only listen.
        self._errands: Errands | None = None
        self._told: Counter[str] = Counter()

    def on_start(self) -> None:
        self._member.connection = self.actor_ref
        self._outbox.conflates = self._dialogue.conflates
        self._outbox.on_step = self._tell_step
        self._line.say(greeting(self._stage, self._member))

    def on_stop(self) -> None:
        self._line.close(GOING_AWAY)
        self._leave()

    def on_failure(
        self,
        _exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if exception_value is not None:
            self._line.refuse(defect(exception_value, self.path))
        self._line.close(SERVER_ERROR)
        self._leave()

    def on_receive(self, message: Any) -> Any:
        # By far the most frequent message goes first, without the price of a match.
        if type(message) is Deliver:
            try:
                self._outbox.deliver(message.frame, message.events)  # type: ignore[arg-type]
            except Refusal as refusal:
                self._refuse(refusal)
            return None
        match message:
            case Received(data):
                return self._hear(data)
            case Answered(answer):
                self._answer(answer)
            case Placed():
                self._tell_places(message)
            case Parted(id, gone):
                self._respond(id, {"unsubscribed": [str(pattern) for pattern in gone]})
            case Announcement():
                self._send(message.frame(self._outbox.encoding))
            case Direct(events):
                self._send(encode_events(self._outbox.encoding, events))
            case TokenEnds(seconds):
                self._warn(seconds)
            case FellBehind():
                self._refuse(self._outbox.too_slow())
            case Drain(retry_after):
                self._drain(retry_after)
            case Gone():
                self.stop()
            case _:
                return super().on_receive(message)
        return None

    def _hear(self, data: str | bytes) -> Coroutine[Any, Any, None] | None:
        """Carries out a message; the socket reads on when it is handled, an errand when done."""
        handled, message_id = True, None
        try:
            asked = self._dialogue.hear(data, self.runtime.clock.now())
            message_id = asked.id
            if isinstance(asked, AskSubscribe):
                missed = self._stage.services.missed(asked.subscriptions, asked.since)
                if missed is not None:
                    return self._recover(asked, missed)
            handled = self._carry_out(asked)
        except Refusal as refusal:
            self._refuse(refusal.about(refusal.id or message_id))
            if self._dialogue.is_abused:
                self._line.close(POLICY, refusal.code)
        if handled:
            self._line.handled()
        return None

    async def _recover(self, asked: AskSubscribe, missed: Coroutine[Any, Any, Missed]) -> None:
        """Subscribes when it is known what was missed. Events that come meanwhile wait."""
        older: Missed = {}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._stage.settings.limits.request_timeout or None):
                older = await missed
        self._subscribe(asked, older)
        self._line.handled()

    def _carry_out(self, asked: Asked) -> bool:
        """Whether it is done; an errand goes on by itself."""
        match asked:
            case AskPing(id, data):
                self._pong(id, data)
            case AskSubscribe():
                self._subscribe(asked)
            case AskUnsubscribe():
                self._unsubscribe(asked)
            case AskPublish(id, run, events):
                self._stage.services.publish(self._member.identity, run, events)
                if id is not None:
                    self._respond(id, {})
            case _ if isinstance(asked.params, Refresh):
                self._respond(asked.id, self._refresh(asked.params.token))
            case _:
                self._run_errand(asked)
                return False
        return True

    def _run_errand(self, asked: Errand) -> None:
        if self._errands is None:
            timeout = self._stage.settings.limits.request_timeout
            me = self.actor_ref
            self._errands = Errands(self._stage.services, me, timeout, me.tell)
        self._errands.start(asked, self._member.identity)

    def _pong(self, message_id: str | None, data: object) -> None:
        try:
            self._line.say(Pong(now(), message_id, data))
        except UNTELLABLE:
            # Such as a number that one encoding has, and the other, which this client reads, not.
            reason = f"it cannot be told in {self._outbox.encoding}"
            raise Refusal(VALIDATION_ERROR, path="$.data", reason=reason).about(
                message_id
            ) from None

    def _subscribe(self, asked: AskSubscribe, older: Missed | None = None) -> None:
        before = self._dialogue.put(asked.subscriptions)
        question = Subscribe(
            self.actor_ref, asked.subscriptions, self._outbox.encoding, asked.since, older or {}
        )
        answer = cast("LoopFuture[Any]", self._stage.broadcaster.ask(question, block=False))

        # In the lane, since the client is told what it will get before it gets the first of it.
        told = Placed(asked, before, answer)
        answer.on_done(lambda: self.actor_ref.tell_first(told))

    def _tell_places(self, placed: Placed) -> None:
        asked = placed.asked
        try:
            listed = placed.answer.get().topics
        except (pykka.ActorDeadError, MailboxFull) as error:
            self._dialogue.restore(placed.before)
            self._refuse(Refusal(COMMAND_FAILED, reason=str(error)).about(asked.id))
            return
        self._respond(asked.id, {"subscriptions": places(asked.subscriptions, listed)})

    def _unsubscribe(self, asked: AskUnsubscribe) -> None:
        gone = self._dialogue.remove(asked.patterns)
        question = Unsubscribe(self.actor_ref, gone)
        answer = cast("LoopFuture[Any]", self._stage.broadcaster.ask(question, block=False))

        # Behind the events that are under way: after the answer there are none.
        told = Parted(asked.id, gone)
        answer.on_done(lambda: self.actor_ref.tell(told))

    def _refresh(self, token: str) -> dict[str, object]:
        identity = self._stage.authenticator.verify(token)
        if identity.user != self._member.identity.user:
            raise Refusal(
                PERMISSION_DENIED,
                what="taking over a connection",
                missing="the subject of the first token",
            )
        if identity.is_worker != self._member.identity.is_worker:
            raise Refusal(
                PERMISSION_DENIED, what="a change of kind", missing="the scopes of the first token"
            )
        self._member.identity = self._dialogue.identity = identity
        self._member.warned = False
        lost = tuple(p for p in self._dialogue.subscriptions if not covers(identity.topics, p))
        if lost:
            self._stage.broadcaster.tell(Unsubscribe(self.actor_ref, self._dialogue.remove(lost)))
        return {**rights(identity), "unsubscribed": [str(pattern) for pattern in lost]}

    def _warn(self, seconds: float) -> None:
        if seconds <= 0:
            self._refuse(Refusal(TOKEN_EXPIRED))
            return
        data = {"expires_at": end_of(self._member.identity), "seconds": seconds}
        self._notify(EXPIRING, data)

    def _tell_step(self, step: Step) -> None:
        slowed = {"max_hz": SLOWED_HZ} if step is Step.SLOWED else {}
        self._notify(SLOW, {"step": step, "queued": self._outbox.queued, **slowed})

    def _notify(self, topic: str, data: object) -> None:
        """An event for this client alone, whatever it subscribed to."""
        event = Event(topic, data, epoch=self._member.client_id, offset=self._told[topic])
        self._told[topic] += 1
        self._send(encode_events(self._outbox.encoding, [event]))

    def _drain(self, retry_after: float) -> None:
        self._send(
            Announcement(DRAINING, {"retry_after": retry_after}).frame(self._outbox.encoding)
        )
        self._line.close(GOING_AWAY, DRAINING, flush=True)

    def _answer(self, answer: Response | Refusal) -> None:
        if isinstance(answer, Refusal):
            self._refuse(answer)
        else:
            try:
                self._line.say(answer)
            except UNTELLABLE as error:
                self._refuse(defect(error, "encoding an answer").about(answer.id))
        self._line.handled()

    def _respond(self, message_id: str | None, result: object) -> None:
        self._line.say(Response(now(), result, message_id))

    def _refuse(self, refusal: Refusal) -> None:
        if refusal.error is SLOW_CONSUMER:
            if self._line.is_closing():
                return
            self._stage.pool.traffic.slow_consumers += 1
        self._line.refuse(refusal)

    def _send(self, frame: PreparedFrame) -> None:
        self._outbox.send(frame.within(self._outbox.window_bits))

    def _leave(self) -> None:
        if self._errands is not None:
            self._errands.cancel()
        self._stage.broadcaster.tell(Leave(self.actor_ref))
        self._stage.pool.leave(self._member, self._line.final_code)
        self._stage.services.departed(self.actor_ref)
