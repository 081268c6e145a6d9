"""Whom a token speaks for, and which tokens speak for nobody."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.web.wire import SECRET, make_settings, make_token
from web.auth import Authenticator, anonymous
from web.errors import Refusal

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def make_authenticator(**auth: Any) -> Authenticator:
    return Authenticator(make_settings(auth=auth).auth)


def pem(key: PrivateKey) -> str:
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private(key: PrivateKey) -> str:
    return key.private_bytes(
        Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def refused(token: str, **auth: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        make_authenticator(**auth).verify(token)
    return refusal.value


def test_a_token_speaks_for_its_subject_with_its_scopes_and_topics() -> None:
    token = make_token(sub="ada", scopes=["observe", "control"], topics=["run.a.>"], exp=2**33)

    identity = make_authenticator().verify(token)

    assert identity.user == "ada"
    assert identity.scopes == {"observe", "control"}
    assert [str(pattern) for pattern in identity.topics] == ["run.a.>"]
    assert identity.expires_at == 2**33
    assert not identity.is_anonymous


def test_of_a_claim_that_stands_twice_the_last_counts() -> None:
    """As RFC 7519, section 4, lets a parser do that does not refuse it."""
    claims = json.dumps(jwt.decode(make_token(), options={"verify_signature": False}))[1:-1]
    twice = f'{{{claims}, "sub": "eve", "sub": "bob", "scopes": ["admin"], "scopes": ["observe"]}}'

    token = jwt.api_jws.encode(twice.encode(), SECRET, "HS256")

    identity = make_authenticator().verify(token)
    assert (identity.user, set(identity.scopes)) == ("bob", {"observe"})


def test_a_token_without_topics_may_have_all_of_them() -> None:
    identity = make_authenticator().verify(make_token())

    assert [str(pattern) for pattern in identity.topics] == [">"]


def test_an_issued_token_is_a_good_one() -> None:
    authenticator = make_authenticator()

    token = authenticator.issue("worker:r1", ["publish"], ["run.r1.>"], lifetime=60)

    identity = authenticator.verify(token)
    assert (identity.user, identity.is_worker) == ("worker:r1", True)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"secret": "another secret that is just as long as it"}, "its signature is wrong"),
        ({"aud": "others"}, "its audience is wrong"),
        ({"iss": "others"}, "its issuer is wrong"),
        ({"nbf": time.time() + 500}, "it is not valid yet"),
        ({"sub": ""}, "its subject is wrong"),
        ({"sub": "a\nb"}, "its subject is wrong"),
        ({"sub": 7}, "its subject is wrong"),
        ({"scopes": ["observe", "rule"]}, "its scopes are not among"),
        ({"scopes": "observe"}, "its scopes are not a list"),
        ({"scopes": [1]}, "its scopes are not a list"),
        ({"topics": ["a..b"]}, "its topics are not valid patterns"),
        ({"topics": "a"}, "its topics are not a list"),
        ({"topics": [1]}, "its topics are not valid patterns"),
        ({"topics": ["a"] * 33}, "its topics are not a list of at most 32"),
        *(({name: None}, "a required claim") for name in ("sub", "exp", "iat", "iss")),
        ({"aud": None}, "audience|required claim"),
    ],
)
def test_a_token_with_something_wrong_is_refused(claims: dict[str, Any], reason: str) -> None:
    refusal = refused(make_token(**claims))

    assert refusal.code == "AUTHENTICATION_FAILED"
    assert any(part in str(refusal.details["reason"]) for part in reason.split("|"))


def test_a_token_past_its_end_has_expired_but_for_the_leeway() -> None:
    token = make_token(exp=int(time.time()) - 5)

    assert refused(token).code == "TOKEN_EXPIRED"
    make_authenticator(leeway=60.0).verify(token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", "x" * 100_000, "é.é.é", "{}.{}.{}"])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refused(token).code == "AUTHENTICATION_FAILED"


def test_an_unsigned_token_is_refused() -> None:
    _, claims, _ = make_token().split(".")

    for name in ("none", "None", "NONE"):
        assert refused(f"{part({'alg': name})}.{claims}.").code == "AUTHENTICATION_FAILED"


def test_the_public_key_as_a_shared_secret_is_refused() -> None:
    key = rsa.generate_private_key(65537, 2048)
    signing = base64.urlsafe_b64encode(b"x")
    head, claims = part({"alg": "HS256"}), make_token().split(".")[1]
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = hmac.sign(f"{head}.{claims}".encode(), pem(key).encode())
    signing = base64.urlsafe_b64encode(signature).rstrip(b"=")

    token = f"{head}.{claims}.{signing.decode()}"

    for algorithms in (("RS256",), ("RS256", "HS256")):
        refusal = refused(token, algorithms=algorithms, public_key=pem(key))
        assert refusal.code == "AUTHENTICATION_FAILED"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("form", ["text", "file"])
def test_tokens_signed_with_a_private_key_are_checked_with_the_public_one(
    algorithm: str, form: str, tmp_path: Path
) -> None:
    make: dict[str, PrivateKey] = {
        "RS256": rsa.generate_private_key(65537, 2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }
    key = make[algorithm]
    path = tmp_path / "key.pem"
    path.write_text(pem(key))
    public_key = pem(key) if form == "text" else str(path)

    authenticator = make_authenticator(algorithms=(algorithm,), public_key=public_key)

    assert authenticator.verify(make_token(private(key), algorithm)).user == "ada"
    with pytest.raises(Refusal):
        authenticator.verify(make_token())


def test_a_kid_chooses_among_the_keys_of_the_config_and_names_no_file(tmp_path: Path) -> None:
    keys = [ed25519.Ed25519PrivateKey.generate() for _ in range(2)]
    okp = jwt.algorithms.OKPAlgorithm
    jwks = {
        "keys": [
            {**json.loads(okp.to_jwk(key.public_key())), "kid": f"k{number}"}
            for number, key in enumerate(keys)
        ]
    }
    own = tmp_path / "own.pem"
    own.write_text(pem(keys[0]))
    authenticator = make_authenticator(algorithms=("EdDSA",), public_key=json.dumps(jwks))

    def signed(kid: str) -> str:
        claims = jwt.decode(make_token(), SECRET, ["HS256"], audience="stagewatch")
        return jwt.encode(claims, private(keys[1]), "EdDSA", headers={"kid": kid})

    assert authenticator.verify(signed("k1")).user == "ada"
    for kid in ("k0", str(own), "../../etc/passwd", ""):
        with pytest.raises(Refusal):
            authenticator.verify(signed(kid))


def test_no_refusal_repeats_the_token() -> None:
    token = make_token(aud="others")

    refusal = refused(token)

    assert token not in refusal.message + str(refusal.details)
    assert refusal.__cause__ is None
    assert refusal.__suppress_context__


def test_who_comes_without_a_token_may_control_only_where_it_is_allowed() -> None:
    assert anonymous(control=True).scopes == {"observe", "control"}
    assert anonymous(control=False).scopes == {"observe"}
