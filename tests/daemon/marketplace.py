# SPDX-License-Identifier: MIT
"""PolySwarm as an engine meets it: posts signed bounties, serves artifacts, takes replies, and misbehaves on demand."""
import datetime
import hashlib
import hmac
import http.server
import json
import threading
import time

SECRET = "a webhook's secret"
ACCEPTED = b'{"status":"ACCEPTED"}'


class Marketplace:
    """Every bounty has a number; its artifact is at /artifact/N and its replies come to /reply/N?nonce=…"""

    def __init__(self, patience):
        self.patience = patience
        self.changed = threading.Condition()
        self.artifacts = {}    # path: bytes, or a function of the handler
        self.replies = {}      # number: [(time, bytes)]
        self.acknowledge = {}  # number: a list of statuses to answer with, "cut" for none; then 200
        self.fetched = []
        market = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body=b"", **fields):
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                with market.changed:
                    market.fetched.append(self.path)
                    artifact = market.artifacts.get(self.path)
                    market.changed.notify_all()
                if callable(artifact):
                    artifact(self)
                elif artifact is None:
                    self.answer(404)
                else:
                    self.answer(200, artifact)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                number = int(self.path.split("?")[0].split("/")[2])
                with market.changed:
                    market.replies.setdefault(number, []).append((time.monotonic(), body))
                    behaviour = market.acknowledge.get(number) or [200]
                    status = behaviour.pop(0)
                    market.changed.notify_all()
                if status == "cut":
                    self.close_connection = True
                    self.connection.close()
                elif isinstance(status, tuple):
                    echo = self.path.encode() if status[1].pop("echo", False) else b""
                    self.answer(status[0], echo, **status[1])
                else:
                    self.answer(status)

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_):
                pass   # an engine that is killed cuts its connections

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def bounty(self, number, artifact=b"", lasts=30, **fields):
        """A bounty whose artifact is these bytes, a function that answers, or None: there is none."""
        if artifact is not None:
            self.artifacts[f"/artifact/{number}"] = artifact
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=lasts)
        return {"id": number, "artifact_type": "file", "artifact_uri": self.url(f"/artifact/{number}"),
                "response_url": self.url(f"/reply/{number}?nonce=nonce-{number}-of-it"),
                "expiration": expires.isoformat(), "phase": "assertion", "rules": {}, **fields}

    def wait_for_replies(self, count):
        """Of so many different bounties."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.replies) >= count, self.patience):
                raise AssertionError(f"{len(self.replies)} of {count} bounties were replied to")

    def wait_for_attempts(self, number, count):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.replies.get(number, [])) >= count, self.patience):
                raise AssertionError(f"{len(self.replies.get(number, []))} of {count} attempts were made")

    def reply(self, number):
        """The one reply; repetitions must be the same bytes."""
        self.wait_for_attempts(number, 1)
        with self.changed:
            different = {body for _, body in self.replies[number]}
        if len(different) != 1:
            raise AssertionError(f"{len(different)} different replies to bounty {number}: {different}")
        return json.loads(different.pop())


def sign(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Webhook:
    """A client of the engine's webhook, over a connection of its own for each request."""

    def __init__(self, connect, path="/polyswarm"):
        self.connect, self.path = connect, path

    def send(self, method, body, headers, path=None):
        connection = self.connect()
        try:
            connection.request(method, path or self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, what, event="bounty", secret=SECRET, **headers):
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        return self.send("POST", body, {"Content-Type": "application/json", "X-POLYSWARM-EVENT": event,
                                        "X-POLYSWARM-SIGNATURE": sign(body, secret), **headers})

