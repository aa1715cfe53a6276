"""A provider of OpenID Connect that lets everybody in as the person it was told: for tests."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

Claims = dict[str, Any]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: OpenIdProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            code = secrets.token_hex(8)
            self.server.nonces[code] = asked.get("nonce")
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        url = self.server.url
        self.reply(
            {
                "/.well-known/openid-configuration": {
                    "issuer": url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "jwks_uri": f"{url}/keys",
                    "id_token_signing_alg_values_supported": ["RS256"],
                },
                "/keys": {"keys": [self.server.key.as_dict(private=False)]},
            }[parts.path]
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        client = base64.b64decode(given).decode().partition(":")[0] or asked["client_id"]
        now = int(time.time())
        claims = {
            "iss": self.server.url,
            "sub": "1",
            "aud": client,
            "iat": now,
            "exp": now + 600,
            "nonce": self.server.nonces.pop(asked["code"]),
            "email": self.server.email,
        }
        header = {"alg": "RS256", "kid": self.server.key.kid}
        token = jwt.encode(header, claims, self.server.key)
        self.reply({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def reply(self, body: Claims) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class OpenIdProvider(ThreadingHTTPServer):
    """`with OpenIdProvider("ann@example.com") as provider: provider.url`."""

    daemon_threads = True

    def __init__(self, email: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.email = email
        self.key = RSAKey.generate_key(2048, {"use": "sig", "kid": "1"})
        self.nonces: dict[str, str | None] = {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> OpenIdProvider:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
