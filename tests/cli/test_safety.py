"""One collector with TLS and two tokens, asked by real clients."""

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

from collector import listening

from .processes import Served, choreoscope, wait_until


def certificate(folder: Path, name: str = "tls") -> tuple[Path, Path]:
    """A certificate for this machine that signs itself, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / f"{name}.crt", folder / f"{name}.key"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return crt, pem


@dataclass
class Guarded:
    served: Served
    certificate: Path
    client: httpx.Client


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    crt, key = certificate(folder)
    (folder / "read").write_text("ask-me\n")
    flags = ("--tls-cert", str(crt), "--tls-key", str(key), "--ingest-token", "send-it")
    with (
        Served(folder / "data", *flags, "--read-token-file", str(folder / "read")) as served,
        httpx.Client(
            base_url=served.url, verify=ssl.create_default_context(cafile=str(crt))
        ) as client,
    ):
        yield Guarded(served, crt, client)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_both_ports_speak_tls_only(guarded: Guarded) -> None:
    assert guarded.served.url.startswith("https://")
    assert guarded.client.get("/healthz").status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(guarded.served.url.replace("https", "http") + "/healthz")
    with pytest.raises(httpx.ConnectError, match="certificate"):
        httpx.get(guarded.served.url + "/healthz")
    with grpc.insecure_channel(guarded.served.grpc_address) as channel:
        export = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        with pytest.raises(grpc.RpcError) as refusal:
            export(b"", timeout=10)
    assert refusal.value.code() == grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]


def test_exporters_send_with_the_ingest_token(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # would win over the exporter's own
        monkeypatch.delenv(name, raising=False)
    headers = {"authorization": "Bearer send-it"}
    chain = grpc.ssl_channel_credentials(guarded.certificate.read_bytes())
    exporters: list[SpanExporter] = [
        HttpExporter(
            f"{guarded.served.url}/v1/traces",
            certificate_file=str(guarded.certificate),
            headers=headers,
        ),
        GrpcExporter(f"https://{guarded.served.grpc_address}", credentials=chain, headers=headers),
    ]
    provider = TracerProvider(shutdown_on_exit=False)
    for exporter in exporters:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.get_tracer("shop").start_span("sent").end()
    provider.shutdown()
    stored = guarded.client.get("/metrics", headers=bearer("ask-me")).text
    assert "choreoscope_ingest_spans_total 2.0" in stored


def test_who_may_send_may_not_ask_and_the_other_way_round(guarded: Guarded) -> None:
    client, body = guarded.client, {"resourceSpans": []}
    for path in ("/api/v1/summary", "/metrics"):
        for headers in ({}, bearer("send-it"), bearer("ask-m"), {"Authorization": "ask-me"}):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.headers["content-type"] == "application/problem+json"
        assert client.get(path, headers=bearer("ask-me")).status_code == 200
    assert client.post("/v1/traces", json=body, headers=bearer("ask-me")).status_code == 401
    assert client.post("/v1/traces", json=body, headers=bearer("send-it")).status_code == 200
    changed = client.put("/api/v1/flows/order", content="x", headers=bearer("ask-me"))
    assert changed.status_code == 403
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200


def test_the_command_line_asks_over_tls(guarded: Guarded) -> None:
    asking = ("orders", "--collector", guarded.served.url)
    trusting = {"SSL_CERT_FILE": str(guarded.certificate)}
    asked = choreoscope(*asking, CHOREOSCOPE_TOKEN="ask-me", **trusting)
    assert asked.returncode == 0, asked.stderr


def test_nothing_is_offered_to_other_origins(guarded: Guarded) -> None:
    headers = {**bearer("ask-me"), "Origin": "https://elsewhere.example"}
    asking = {**headers, "Access-Control-Request-Method": "POST"}
    for answer in (
        guarded.client.get("/api/v1/summary", headers=headers),
        guarded.client.options("/v1/traces", headers=asking),
        guarded.client.options("/api/v1/flows/order", headers=asking),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_head_that_never_ends_is_refused(guarded: Guarded) -> None:
    for headers in ({"x": "y" * 70_000}, {f"x{n}": "y" * 1000 for n in range(70)}):
        assert guarded.client.get("/healthz", headers=headers).status_code == 431
    assert guarded.client.get("/healthz", headers={"x": "y" * 30_000}).status_code == 200
    long_url = b"GET /healthz?" + b"z" * 70_000 + b" HTTP/1.1\r\n\r\n"
    host, _, port = guarded.served.url.removeprefix("https://").partition(":")
    context = ssl.create_default_context(cafile=str(guarded.certificate))
    with (
        socket.create_connection((host, int(port))) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        connection.sendall(long_url)
        assert connection.recv(1000).startswith(b"HTTP/1.1 431 ")


def test_a_certificate_that_does_not_fit_is_one_sentence(tmp_path: Path) -> None:
    crt, key = certificate(tmp_path)
    _, other = certificate(tmp_path, "other")
    assert listening.certificate(crt, key) == (crt.read_bytes(), key.read_bytes())
    for wrong in (other, tmp_path / "nowhere", crt):
        with pytest.raises(listening.CannotListen, match="can't use tls_cert"):
            listening.certificate(crt, wrong)


def test_it_is_ready_when_it_listens(guarded: Guarded) -> None:
    def ready() -> bool:
        return guarded.client.get("/readyz").status_code == 200

    wait_until(ready, "a tick")
    assert guarded.client.head("/readyz").status_code == 200
