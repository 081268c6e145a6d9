"""What we build on inside pykka is as we know it; a new minor version is looked at first."""

import inspect
from importlib.metadata import version

import pykka
from pykka import _actor, _envelope, _registry, messages


def test_pykka_is_the_version_that_we_know() -> None:
    assert version("pykka").split(".")[:2] == ["4", "5"]


def test_an_actor_is_made_through_three_hooks() -> None:
    source = inspect.getsource(_actor.Actor)

    assert "self.actor_inbox = self._create_actor_inbox()" in source
    assert "obj._start_actor_loop()" in source
    assert _actor.Actor.__abstractmethods__ == {
        "_create_actor_inbox",
        "_create_future",
        "_start_actor_loop",
    }


def test_an_ask_uses_the_hook_for_futures() -> None:
    assert "self.actor_class._create_future()" in inspect.getsource(pykka.ActorRef.ask)


def test_a_proxy_needs_of_a_ref_what_ours_has() -> None:
    source = inspect.getsource(pykka.ActorProxy.__init__)

    assert "actor_ref.is_alive()" in source
    assert "actor_ref._actor_weakref()" in source


def test_the_handling_of_proxy_messages_is_a_method_of_the_actor() -> None:
    assert list(inspect.signature(pykka.Actor._handle_receive).parameters) == ["self", "message"]


def test_a_stop_is_a_message_and_an_envelope_has_two_fields() -> None:
    assert messages._ActorStop() == ()
    assert _envelope.Envelope.__slots__ == ["message", "reply_to"]


def test_the_registry_uses_of_its_list_only_what_ours_does_fast() -> None:
    source = inspect.getsource(_registry.ActorRegistry)
    uses = {line.strip() for line in source.splitlines() if "_actor_refs" in line}

    assert {line for line in uses if "_lock" not in line} == {
        "_actor_refs: ClassVar[list[ActorRef[Any]]] = []",
        "return cls._actor_refs[:]",
        "for ref in cls._actor_refs",
        "refs = [ref for ref in cls._actor_refs if ref.actor_urn == actor_urn]",
        "cls._actor_refs.append(actor_ref)",
        "if actor_ref in cls._actor_refs:",
        "cls._actor_refs.remove(actor_ref)",
    }
