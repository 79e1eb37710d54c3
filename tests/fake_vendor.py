"""A small HTTP server in a thread of its own: what the fakes of the vendors' interfaces are made of."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: object


@dataclass(frozen=True)
class Told:
    """One answer. `cut` announces more than is sent; `hang` sends nothing until the server is closed."""

    body: object = ""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: bool = False


HTML = Told("<!DOCTYPE html><html><body>Log in to this network</body></html>", content_type="text/html")
"""What a hotel's network answers to everything."""


class FakeVendor:
    """Answers by `answer(asked)`; `instead`, where there is any, is told in its place, the first of them first.

    What `instead` holds is told after `answer` ran: the vendor did its work and its answer was lost.
    """

    def __init__(self) -> None:
        self.seen: list[Asked] = []
        self.instead: list[Told] = []
        self.came = threading.Event()
        self.closing = threading.Event()

    def answer(self, asked: Asked) -> Told:
        """What the vendor would say."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Nothing on the tests' output."""

            def do_GET(self) -> None:
                self._exchange()

            def do_POST(self) -> None:
                self._exchange()

            def _exchange(self) -> None:
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, json.loads(text) if text else None)
                fake.seen.append(asked)
                told = fake.answer(asked)
                if fake.instead:
                    told = fake.instead.pop(0)
                fake.came.set()
                if told.hang:
                    fake.closing.wait(60)
                    self.close_connection = True
                    return
                body = (told.body if isinstance(told.body, str) else json.dumps(told.body)).encode()
                self.send_response(told.status)
                self.send_header("Content-Type", told.content_type)
                self.send_header("Content-Length", str(len(body) + (100 if told.cut else 0)))
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                if told.cut:
                    self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def posted(self, path: str) -> list[Asked]:
        """The POST requests to a path."""
        return [asked for asked in self.seen if asked.method == "POST" and asked.path == path]
