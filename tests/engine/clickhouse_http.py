"""ClickHouse's HTTP interface on chDB: the real engine behind the protocol of the real server.

`python -m tests.engine.clickhouse_http FOLDER PASSWORD` prints its port and serves until its
stdin ends. It stands in for a ClickHouse server, which the tests can't have: the
client, its statements, parameters, formats and inserts run for real; users, replication and the
server's limits don't.
"""

import base64
import re
import sys
import threading
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from chdb.state.sqlitelike import Connection

from collector.engine.chdb import chdb_message, insert_bytes

# Parameters of the interface that aren't settings.
NOT_SETTINGS = {
    *("query", "database", "query_id", "default_format", "wait_end_of_query", "role"),
    *("session_id", "session_timeout", "session_check", "compress", "decompress", "quota_key"),
    *("enable_http_compression", "client_protocol_version", "user", "password"),
    *("send_progress_in_http_headers", "http_headers_progress_interval_ms"),
}
INSERT = re.compile(
    rb"\s*(INSERT\b.*?)\s+FORMAT\s+(\w+)[ \t]*(?:\r?\n|$)", re.DOTALL | re.IGNORECASE
)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folder = ""
    login = b""

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self.answer(200, b"Ok.\n")
        else:
            self.do_POST()

    def do_POST(self) -> None:
        fields = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self.read_body()
        content_type = self.headers.get("Content-Type", "")
        if content_type.startswith("multipart/form-data"):
            head = f"Content-Type: {content_type}\r\n\r\n".encode()
            for part in BytesParser().parsebytes(head + body).walk():
                if name := part.get_param("name", header="content-disposition"):
                    fields[str(name)] = part.get_payload(decode=True).decode()
            body = b""
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(self.login).decode():
            return self.refuse("Code: 516. DB::Exception: Wrong password. (AUTHENTICATION_FAILED)")
        statement = b"\n".join(part for part in (fields.get("query", "").encode(), body) if part)
        try:
            data = self.run(statement, fields)
        except (RuntimeError, UnicodeDecodeError) as error:
            return self.refuse(chdb_message(error))
        return self.answer(200, data)

    def run(self, statement: bytes, fields: dict[str, str]) -> bytes:
        settings = {
            name: value
            for name, value in fields.items()
            if name not in NOT_SETTINGS and not name.startswith("param_")
        }
        connection = Connection(self.folder)
        try:
            for name, value in settings.items():
                connection.query(f"SET {name} = '{value}'")
            if database := fields.get("database"):
                connection.query(f"USE `{database}`")
            if insert := INSERT.match(statement):
                sql, format = insert[1].decode(), insert[2].decode()
                data = statement[insert.end() :]
                insert_bytes(connection, Path(self.folder), sql, format, data)
                return b""
            default = fields.get("default_format", "TabSeparated")
            result = connection.query(
                statement.decode(),
                self.headers.get("X-ClickHouse-Format", default),
                params={n[6:]: v for n, v in fields.items() if n.startswith("param_")},
            )
            return bytes(result.get_memview().tobytes()) if result.size() else b""
        finally:
            connection.close()

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def refuse(self, message: str) -> None:
        code = re.search(r"Code: (\d+)", message)
        self.answer(
            500, message.encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "0"}
        )

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def main() -> None:
    Handler.folder, Handler.login = sys.argv[1], f"default:{sys.argv[2]}".encode()
    keep_open = Connection(Handler.folder)  # the engine lives as long as one connection does
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    server.shutdown()
    keep_open.close()


if __name__ == "__main__":
    main()
