"""The same over TLS, where every byte must go through Tornado's stream."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from actors.event import Event
from tests.web.wire import serving


def make_contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's, by a certificate of their own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stagewatch")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    client = ssl.create_default_context(cafile=path)
    return server, client


async def test_events_and_answers_arrive_whole_and_in_order_over_tls(tmp_path: Path) -> None:
    server, own = make_contexts(tmp_path)
    async with serving(ssl_options=server) as wire, wire.connect(ssl=own) as client:
        await client.ask("subscribe", events=["run.a.*"])

        for number in range(1000):
            data = {"pad": "x" * (number % 50) * 100}
            wire.publish(Event("run.a.tick", data, epoch="e", offset=number))
        await client.send("ping", id="7")

        offsets: list[int] = []
        pongs: list[str] = []
        while len(offsets) < 1000 or not pongs:
            message = await client.receive()
            if message["type"] == "pong":
                pongs.append(message["id"])
            else:
                offsets += [event["offset"] for event in message["events"]]
        assert offsets == list(range(1000))
        assert pongs == ["7"]
    assert wire.stage.pool.traffic.slow_consumers == 0
