"""Tokens that try to be more than they are, and tokens that must not be repeated."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.web.test_auth import make_authenticator, part, pem, private, refused
from tests.web.wire import SECRET, make_token, serving
from web.auth import Authenticator
from web.errors import Refusal
from web.keys import PublicKeys, check_kinds, read_keys

okp = jwt.algorithms.OKPAlgorithm


def claims() -> dict[str, Any]:
    told: dict[str, Any] = jwt.decode(make_token(), SECRET, ["HS256"], audience="stagewatch")
    return told


def jwks(**keys: ed25519.Ed25519PrivateKey) -> str:
    entries = [
        {**json.loads(okp.to_jwk(key.public_key())), "kid": kid} for kid, key in keys.items()
    ]
    return json.dumps({"keys": entries})


def is_admitted(authenticator: Authenticator, token: str) -> bool:
    try:
        authenticator.verify(token)
    except Refusal as refusal:
        return refusal.code != "AUTHENTICATION_FAILED"
    return True


def test_a_token_from_the_future_is_refused() -> None:
    for claim in ("iat", "nbf"):
        future: dict[str, Any] = {claim: int(time.time()) + 500}
        refusal = refused(make_token(**future))

        assert refusal.code == "AUTHENTICATION_FAILED"


@pytest.mark.parametrize("header", ["jku", "x5u", "jwk", "x5c"])
def test_a_token_brings_no_key_of_its_own(header: str) -> None:
    good, evil = (ed25519.Ed25519PrivateKey.generate() for _ in range(2))
    brought: dict[str, Any] = {
        "jku": "http://127.0.0.1:9/keys.json",
        "x5u": "http://127.0.0.1:9/chain.pem",
        "jwk": json.loads(okp.to_jwk(evil.public_key())),
        "x5c": [base64.b64encode(b"a certificate").decode()],
    }
    authenticator = make_authenticator(algorithms=("EdDSA",), public_key=pem(good))

    token = jwt.encode(
        claims(), private(evil), "EdDSA", headers={header: brought[header], "kid": "k"}
    )

    assert not is_admitted(authenticator, token)


@pytest.mark.parametrize(
    "kid", ["../../etc/passwd", "/dev/null", "' OR '1'='1", "k0'; --", "k1\0", "", "K1"]
)
def test_a_kid_is_a_name_and_nothing_else(kid: str) -> None:
    one, two = (ed25519.Ed25519PrivateKey.generate() for _ in range(2))
    authenticator = make_authenticator(algorithms=("EdDSA",), public_key=jwks(k0=one, k1=two))

    for key in (one, two):
        token = jwt.encode(claims(), private(key), "EdDSA", headers={"kid": kid})
        assert not is_admitted(authenticator, token)


def test_a_kid_that_is_no_text_is_refused() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    authenticator = make_authenticator(algorithms=("EdDSA",), public_key=jwks(k0=key))

    strange: list[object] = [[], {}, 7]
    for kid in strange:
        head = part({"alg": "EdDSA", "kid": kid})
        payload = part(claims())
        signature = key.sign(f"{head}.{payload}".encode())
        signed = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
        assert not is_admitted(authenticator, f"{head}.{payload}.{signed}")


@pytest.mark.parametrize(
    "payload", ["[" * 3000, '{"a":' * 1500, "[" * 1500 + "]" * 1500, "1" * 5000, '"', "null", "[]"]
)
def test_a_nested_or_strange_payload_is_refused_whoever_signed_it(payload: str) -> None:
    token = jwt.api_jws.encode(payload.encode(), SECRET, "HS256")

    assert not is_admitted(make_authenticator(), token)


def test_a_giant_token_is_refused_before_it_is_looked_at() -> None:
    token = make_token(padding="x" * 100_000)

    assert refused(token).details["reason"] == "it is too long"


def test_a_key_of_one_kind_checks_no_signature_of_another() -> None:
    rsa_key = rsa.generate_private_key(65537, 2048)
    curve = ec.generate_private_key(ec.SECP256R1())
    authenticator = make_authenticator(algorithms=("RS256", "ES256"), public_key=pem(rsa_key))

    assert is_admitted(authenticator, make_token(private(rsa_key), "RS256"))
    assert not is_admitted(authenticator, make_token(private(curve), "ES256"))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (pem(ec.generate_private_key(ec.SECP384R1())), "there is no key for ES256"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "there is no key for ES256"),
        (json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}), "else than public keys"),
        (pem(rsa.generate_private_key(65537, 1024)), "has 1024 bits; 2048 are the least"),
        ('{"keys": 3}', "has no list of `keys`"),
    ],
)
def test_keys_that_do_not_fit_are_told_at_the_start(source: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_kinds(read_keys(source), ["ES256"])


def test_a_file_of_keys_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path, now = tmp_path / "keys.json", [0.0]
    old, new = (ed25519.Ed25519PrivateKey.generate() for _ in range(2))
    path.write_text(jwks(a=old))
    keys = PublicKeys(str(path), lambda: now[0])

    path.write_text(jwks(a=old, another=new))
    assert keys.find("EdDSA", "another") is None
    now[0] = 2.0
    assert keys.find("EdDSA", "another") == new.public_key()
    path.write_text(jwks(another=new))
    now[0] = 4.0
    assert keys.find("EdDSA", "a") is None


def test_a_file_of_keys_that_is_spoilt_or_gone_leaves_those_from_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, now = tmp_path / "keys.json", [0.0]
    key = ed25519.Ed25519PrivateKey.generate()
    path.write_text(jwks(a=key))
    keys = PublicKeys(str(path), lambda: now[0])

    path.write_text("{")
    now[0] = 2.0
    assert keys.find("EdDSA", "a") == key.public_key()
    path.unlink()
    now[0] = 4.0
    assert keys.find("EdDSA", "a") == key.public_key()

    assert caplog.text.count("cannot be read") == 2


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("subscribe", {"events": ["run.b.tick"]}),
        ("subscribe", {"events": [">"]}),
        ("subscribe", {"events": ["run.*.tick"]}),
        ("query", {"query": "run.get", "params": {"run": "b"}}),
        ("query", {"query": "history", "params": {"topic": "run.b.tick"}}),
        ("query", {"query": "belief.get", "params": {"run": "b", "agent": "1"}}),
        ("query", {"query": "connections.list"}),
        ("command", {"command": "run.pause", "params": {"run": "b"}}),
        ("command", {"command": "run.stop", "params": {"run": "b"}}),
        ("command", {"command": "publish", "params": {"run": "a", "events": []}}),
    ],
)
async def test_a_token_for_one_run_reaches_no_other(kind: str, fields: dict[str, Any]) -> None:
    scopes = ["observe", "control"]
    async with serving() as wire, wire.visitor(topics=["run.a.>"], scopes=scopes) as client:
        error = await client.ask(kind, **fields)

        assert error["code"] == "PERMISSION_DENIED", error
        assert not wire.services.published


async def test_a_worker_publishes_for_its_own_run_alone() -> None:
    async with serving() as wire, wire.worker("a") as worker:
        params = {"run": "b", "events": []}

        error = await worker.ask("command", command="publish", params=params, id="1")

        assert error["code"] == "PERMISSION_DENIED"
        assert not wire.services.published


async def test_nobody_becomes_a_worker_or_another_by_a_new_token() -> None:
    async with serving() as wire, wire.visitor() as client:
        for more in ({"scopes": ["observe", "publish"]}, {"sub": "root", "scopes": ["admin"]}):
            params = {"token": make_token(**more)}
            error = await client.ask("command", command="auth.refresh", params=params)
            assert error["code"] == "PERMISSION_DENIED"

        error = await client.ask("query", query="connections.list")
        assert error["code"] == "PERMISSION_DENIED"


async def test_a_visitor_of_the_demo_brings_no_rights_by_a_token() -> None:
    async with serving() as wire:
        token = make_token(scopes=["admin", "publish", "observe"])
        async with wire.open(f"/ws/demo?token={token}") as client:
            told = await client.expect("connection_established")
            assert told["scopes"] == ["control", "observe"]
