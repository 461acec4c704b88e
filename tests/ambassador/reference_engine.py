#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The smallest engine that does everything right, and knows EICAR: for tests of the ambassador. With --bug it does one
thing wrong, as engines in use have done.

    reference_engine.py --secret-file FILE --allow 127.0.0.1:PORT [--port 0] [--bug NAME]

Prints the address that it listens on. Written without looking at the code that it tests.
"""
import argparse
import datetime
import hashlib
import hmac
import http.client
import json
import re
import socket
import threading
import time
import urllib.parse
from decimal import Decimal, ROUND_CEILING, ROUND_FLOOR
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MIN_BID, MAX_BID = 62500000000000000, 10**18
MOST_BODY, MOST_ARTIFACT = 1 << 20, 4 << 20
FETCH_SECONDS = 1.5

BUGS = {
    "open-to-all": "takes every signature",
    "crashes-on-bad-signature": "500 for a signature that is not ASCII",
    "no-liveness": "404 for GET",
    "no-ping": "ping is an unknown event",
    "work-before-202": "fetches and scans, then answers",
    "any-path": "200 for every path",
    "any-type": "takes every Content-Type",
    "naive-expiration": "400 for an expiration without an offset",
    "strict-rules": "400 for rules that are no integers",
    "64-bit-ids": "400 for an id above 64 bits",
    "misses-eicar": "EICAR is benign",
    "no-family": "malware_family is empty",
    "null-family": "malware_family is null",
    "no-architecture": "leaves out scanner.environment",
    "accuses-all": "everything is malicious",
    "float-bid": "the bid is a float",
    "zero-bid": "bids 0 on malicious",
    "high-bid": "bids 1.2 times the maximum",
    "unknown-bids": "bids on unknown",
    "error-is-benign": "what cannot be fetched is benign",
    "silent-on-fetch-error": "no reply when the artifact cannot be fetched",
    "no-comment": "skips without saying so",
    "fetches-unknown-types": "downloads artifacts of other types",
    "unchecked-sha256": "does not compare the digest",
    "no-guard": "connects to every address",
    "reads-files": "opens file: URLs",
    "double-reply": "posts each reply twice",
    "no-dedup": "answers each delivery",
    "late": "replies after the deadline",
    "silent-when-slow": "no reply when the artifact comes slowly",
    "silent-on-expired": "no reply to what has expired",
    "answers-the-refused": "replies to what it has answered with 400",
    "one-attempt": "does not try again",
    "impatient": "does not heed Retry-After",
    "insists": "tries again after 400",
    "other-words": "tries again with another reply",
    "fickle": "says something else the second time",
    "no-vote": "never votes",
    "vote-with-bid": "votes with a bid",
    "wrong-place": "posts to the path without the query",
    "form-reply": "posts with the Content-Type of a form",
}


class Unusable(Exception):
    pass


class NoFetch(Exception):
    pass


class Number(str):
    """A JSON number as it was written."""


def strict_json(body):
    def refuse(_):
        raise Unusable
    try:
        return json.loads(body.decode(), parse_int=Number, parse_float=Number, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Unusable from error


def expiration_ms(text):
    found = isinstance(text, str) and re.fullmatch(
        r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:([Zz])|([+-])(\d\d):?(\d\d)?)?", text)
    if not found:
        return None
    *date, fraction, _, sign, hours, minutes = found.groups()
    try:
        moment = datetime.datetime(*(int(part or 0) for part in date), tzinfo=datetime.timezone.utc)
    except ValueError:
        return None
    offset = (int(hours or 0) * 60 + int(minutes or 0)) * 60_000 * (-1 if sign == "-" else 1)
    return int(moment.timestamp()) * 1000 + int(((fraction or "") + "000")[:3]) - offset


def rule(value, default, rounding):
    if not isinstance(value, str) or not re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value):
        return default
    if not isinstance(value, Number) and not value.isdigit():
        return default
    number = int(Decimal(value).to_integral_value(rounding))
    return number if 0 <= number < 2**96 else default


class Bounty:
    def __init__(self, engine, body):
        whole = strict_json(body)
        if not isinstance(whole, dict):
            raise Unusable
        self.engine = engine
        self.id, self.response, self.uri = whole.get("id"), whole.get("response_url"), whole.get("artifact_uri")
        if not isinstance(self.id, str) or not isinstance(self.uri, str) or isinstance(self.uri, Number) or not self.uri:
            raise Unusable
        if not isinstance(self.response, str) or not re.match(r"https?://[^/]+", self.response):
            raise Unusable
        if engine.bug("64-bit-ids") and isinstance(self.id, Number) and int(self.id) >= 2**64:
            raise Unusable
        self.key = (type(self.id), self.id, self.response)
        metadata = whole.get("metadata") if isinstance(whole.get("metadata"), dict) else {}
        self.type = whole.get("artifact_type", "file").lower()
        self.sha256 = whole.get("sha256", metadata.get("sha256"))
        self.phase = self.read_phase(whole.get("phase"))
        self.deadline = self.read_deadline(whole)
        rules = whole.get("rules") if isinstance(whole.get("rules"), dict) else {}
        low, high = rules.get("min_allowed_bid"), rules.get("max_allowed_bid")
        if engine.bug("strict-rules") and any(isinstance(r, str) and not r.isdigit() for r in (low, high)):
            raise Unusable
        self.low, self.high = rule(low, MIN_BID, ROUND_CEILING), rule(high, MAX_BID, ROUND_FLOOR)

    def read_phase(self, phase):
        if isinstance(phase, str):
            if phase.lower().startswith(("arbitration", "vote")):
                return "vote"
            if phase.lower().startswith("assertion"):
                return "assertion"
        segments = [s for s in urllib.parse.urlsplit(self.response).path.split("/") if s]
        return "vote" if segments and segments[-1] == "votes" else "assertion"

    def read_deadline(self, whole):
        text = whole.get("expiration")
        if self.engine.bug("naive-expiration") and isinstance(text, str) and not re.search(r"([Zz]|[+-]\d\d(:?\d\d)?)$", text[10:]):
            raise Unusable
        now = time.time() * 1000
        known = expiration_ms(text)
        if known is None:
            duration = whole.get("duration")
            known = (expiration_ms(whole.get("tasked_at")) or now) + (float(duration) * 1000 if duration else 30_000)
        return time.monotonic() + (known - now) / 1000


class Engine:
    def __init__(self, secret, allow, bug):
        self.secret, self.allow, self.its_bug = secret, allow, bug
        self.lock = threading.Lock()
        self.seen = set()
        self.found = 0

    def bug(self, name):
        assert name in BUGS
        return self.its_bug == name

    # What comes in: a status, more headers and a body.

    def receive(self, path, own_path, headers, body):
        if path != own_path:
            return (200 if self.bug("any-path") else 404), {}
        given = headers.get_all("X-POLYSWARM-SIGNATURE")
        if given is None:
            return 400, {"X-POLYSWARM-SIGNATURE": "Signature not included in headers"}
        if self.bug("crashes-on-bad-signature") and any(ord(c) > 127 for g in given for c in g):
            return 500, {}
        wanted = hmac.new(self.secret, body, hashlib.sha256).hexdigest()
        well = len(given) == 1 and hmac.compare_digest(given[0].strip().encode("latin-1"), wanted.encode())
        if not well and not self.bug("open-to-all"):
            return 401, {"X-POLYSWARM-SIGNATURE": "Signature does not match body"}
        event = headers.get("X-POLYSWARM-EVENT", "").strip().lower()
        if event == "ping" and not self.bug("no-ping"):
            return 200, {"status": "OK"}
        if event != "bounty":
            return 400, {"X-POLYSWARM-EVENT": "Given event not supported"}
        kind = headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind != "application/json" and not self.bug("any-type"):
            return 415, {}
        try:
            bounty = Bounty(self, body)
        except Unusable:
            if self.bug("answers-the-refused"):
                self.answer_anyway(body)
            return 400, {"bounty": "Invalid bounty request"}
        with self.lock:
            new = bounty.key not in self.seen or self.bug("no-dedup")
            self.seen.add(bounty.key)
        if new:
            worker = threading.Thread(target=self.work, args=(bounty,), daemon=True)
            worker.start()
            if self.bug("work-before-202"):
                worker.join()
        return 202, {"status": "ACCEPTED"}

    def answer_anyway(self, body):
        try:
            bounty = json.loads(body)
            bounty = Bounty(self, json.dumps({**bounty, "id": 1}).encode())
        except (ValueError, TypeError, RecursionError, Unusable):
            return
        threading.Thread(target=self.deliver, args=(bounty, self.reply(bounty, "unknown")), daemon=True).start()

    # What becomes of it.

    def work(self, bounty):
        left = bounty.deadline - time.monotonic()
        until = bounty.deadline - min(3, left / 5)
        verdict, comment = "unknown", "SKIPPED"
        if left > 0:
            try:
                verdict, comment = self.judge(bounty, min(until, time.monotonic() + FETCH_SECONDS))
            except NoFetch:
                if self.bug("silent-on-fetch-error"):
                    return
                verdict, comment = ("benign" if self.bug("error-is-benign") else "unknown"), "SKIPPED:CANNOT-FETCH"
            except TimeoutError:
                if self.bug("silent-when-slow"):
                    return
                verdict, comment = "unknown", "SKIPPED:CANNOT-FETCH"
        elif self.bug("silent-on-expired"):
            return
        if self.bug("late"):
            time.sleep(max(0, bounty.deadline - time.monotonic()) + 0.1)
        self.deliver(bounty, self.reply(bounty, verdict, comment))

    def judge(self, bounty, until):
        if bounty.type not in ("file", "url"):
            if self.bug("fetches-unknown-types"):
                self.fetch(bounty.uri, until)
            return "unknown", "SKIPPED:TYPE-UNSUPPORTED"
        if bounty.type == "url":
            return "unknown", "SKIPPED:TYPE-UNSUPPORTED"
        data = self.fetch(bounty.uri, until)
        wanted = bounty.sha256
        if isinstance(wanted, str) and re.fullmatch("[0-9a-fA-F]{64}", wanted) and not self.bug("unchecked-sha256"):
            if hashlib.sha256(data).hexdigest() != wanted.lower():
                raise NoFetch
        found = data.startswith(EICAR) and len(data) <= 128 and not data[len(EICAR):].strip(b" \t\r\n\x1a")
        if self.bug("accuses-all"):
            found = True
        with self.lock:
            self.found += found
            second = self.found % 2 == 0
        if self.bug("misses-eicar") or (self.bug("fickle") and second):
            found = False
        return ("malicious" if found else "benign"), ""

    def fetch(self, uri, until):
        for _ in range(4):
            parts = urllib.parse.urlsplit(uri)
            if parts.scheme == "data":
                head, _, rest = uri[5:].partition(",")
                import base64
                return base64.b64decode(rest) if head.endswith(";base64") else urllib.parse.unquote_to_bytes(rest)
            if parts.scheme == "file" and self.bug("reads-files"):
                return Path(parts.path).read_bytes()
            if parts.scheme != "http" or (parts.netloc not in self.allow and not self.bug("no-guard")):
                raise NoFetch
            for attempt in range(3):
                status, location, data = self.get(parts, until)
                if status < 500:
                    break
                time.sleep(0.1 * 2**attempt)
            if status == 302 and location:
                uri = location
            elif status == 200:
                return data
            else:
                raise NoFetch
        raise NoFetch

    def get(self, parts, until):
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=max(0.05, until - time.monotonic()))
        try:
            connection.request("GET", parts.path)
            answer = connection.getresponse()
            if answer.headers.get("Content-Encoding"):
                raise NoFetch
            data = b""
            while piece := answer.read1(65536):
                data += piece
                if len(data) > MOST_ARTIFACT:
                    raise NoFetch
                if time.monotonic() > until:
                    raise TimeoutError
                if answer.length is not None and answer.length <= 0:
                    break
            if answer.length:
                raise NoFetch
            return answer.status, answer.headers.get("Location"), data
        except (TimeoutError, socket.timeout):
            raise TimeoutError from None
        except (OSError, http.client.HTTPException) as error:
            raise NoFetch from error
        finally:
            connection.close()

    # What goes out.

    def reply(self, bounty, verdict, comment=""):
        family = "Eicar-Test" if verdict == "malicious" and not self.bug("no-family") else ""
        metadata = {"malware_family": None if self.bug("null-family") else family,
                    "comments": [comment] if comment and not self.bug("no-comment") else [],
                    "scanner": {"version": "1.0", "environment": {"operating_system": "linux", "architecture": "x86_64"}}}
        if self.bug("no-architecture"):
            del metadata["scanner"]["environment"]
        if bounty.phase == "vote" and not self.bug("vote-with-bid"):
            return {"verdict": verdict, "metadata": metadata}
        bid = 0
        if verdict in ("benign", "malicious"):
            bid = bounty.low + (bounty.high - bounty.low) // 2
            bid = float(bid) if self.bug("float-bid") else bid
            bid = 0 if self.bug("zero-bid") else bid
            bid = bounty.high * 12 // 10 if self.bug("high-bid") else bid
        elif self.bug("unknown-bids"):
            bid = bounty.low
        return {"verdict": verdict, "bid": bid, "metadata": metadata}

    def deliver(self, bounty, reply):
        if self.bug("no-vote") and bounty.phase == "vote":
            return
        if urllib.parse.urlsplit(bounty.response).netloc not in self.allow and not self.bug("no-guard"):
            return
        if self.bug("double-reply"):
            self.post(bounty, reply)
        wait = 0.1
        while True:
            status, retry_after = self.post(bounty, reply)
            again = status == 0 or status in (408, 425, 429) or status >= 500 or (self.bug("insists") and status == 400)
            if not again or self.bug("one-attempt"):
                return
            if self.bug("other-words"):
                reply["metadata"]["comments"].append("again")
            time.sleep(retry_after if retry_after and not self.bug("impatient") else wait)
            wait *= 2
            if time.monotonic() > bounty.deadline:
                return

    def post(self, bounty, reply):
        parts = urllib.parse.urlsplit(bounty.response)
        target = parts.path + ("?" + parts.query if parts.query and not self.bug("wrong-place") else "")
        kind = "application/x-www-form-urlencoded" if self.bug("form-reply") else "application/json"
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
        try:
            connection.request("POST", target, json.dumps(reply).encode(), {"Content-Type": kind})
            answer = connection.getresponse()
            answer.read()
            return answer.status, float(answer.headers.get("Retry-After") or 0)
        except (OSError, http.client.HTTPException):
            return 0, 0
        finally:
            connection.close()


class Webhook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine, own_path = None, "/"

    def log_message(self, *_):
        pass

    def send(self, status, answer, more=()):
        body = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *more):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BODY:
            self.close_connection = True
            left = length
            while left and (piece := self.rfile.read(min(left, 1 << 16))):
                left -= len(piece)
            return None
        return self.rfile.read(length)

    def do_GET(self):
        if self.path != self.own_path or self.engine.bug("no-liveness"):
            return self.send(404, {})
        return self.send(200, {"status": "OK"})

    do_HEAD = do_GET

    def do_POST(self):
        body = self.read_body()
        if body is None:
            return self.send(413, {})
        return self.send(*self.engine.receive(self.path, self.own_path, self.headers, body))

    def do_PUT(self):
        self.read_body()
        self.send(405, {}, [("Allow", "GET, HEAD, POST")])

    do_DELETE = do_PUT


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--secret-file", required=True)
    parser.add_argument("--allow", action="append", default=[], help="host:port that artifacts may come from")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--path", default="/polyswarm")
    parser.add_argument("--bug", choices=sorted(BUGS))
    options = parser.parse_args()
    secret = Path(options.secret_file).read_bytes().removesuffix(b"\n")
    Webhook.engine, Webhook.own_path = Engine(secret, options.allow, options.bug), options.path
    server = Server(("127.0.0.1", options.port), Webhook)
    print(f"127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
