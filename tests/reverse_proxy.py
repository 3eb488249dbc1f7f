"""A small reverse proxy that offers a server under a path, as nginx and Caddy do."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_OF_ONE_HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})
TIMEOUT_S = 60


@contextmanager
def proxied(port: int, path: str, *, strips: bool = True, tells: bool = True) -> Iterator[str]:
    """Give the address, without a slash at its end, at which the server on `port` is below `path`.

    `strips`: the path is taken away before a request is passed on. `tells`: X-Forwarded-Prefix has it.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # a connection for each request: none is left when the proxy ends

        def _pass_on(self) -> None:
            if not self.path.startswith(f"{path}/"):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fields = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
            if tells:
                fields["X-Forwarded-Prefix"] = path
            upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
            try:
                target = self.path[len(path) :] if strips else self.path
                upstream.request(self.command, target, body or None, fields)
                answer = upstream.getresponse()
                content = answer.read()
            finally:
                upstream.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_ONE_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass_on

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = False
        block_on_close = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that leave in the middle of an answer are no error of the test."""

    with Quiet(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="reverse-proxy")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{path}"
        finally:
            server.shutdown()
            thread.join()
