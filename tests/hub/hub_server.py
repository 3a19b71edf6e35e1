"""A Hub-like HTTP server for tests, with faults by script. Standard library only.

Usage: hub_server.py ROOT LOG      (ends when its standard input does)

ROOT/models/ORG/NAME/COMMIT/FILE   the models; ROOT/models/ORG/NAME/refs.json {"main": COMMIT, ...}
ROOT/faults.json                   a list, read at every request; the first that fits is applied:
    match    regular expression over "SERVER METHOD PATH" (SERVER: hub or cdn)
    times    how often (default: always)      token    only when the request carries this token
    no_token only when it carries none
    status, headers, body    the answer instead of the right one
    set                      header fields of the right answer to change (null: leave out)
    cut                      send so many bytes of the body, then break the connection
    hold                     send so many bytes of the body, then nothing more
    delay                    wait so many seconds before the body
    corrupt                  change the first byte of the body
    no_range                 ignore Range
LOG                                one JSON object a line for each request

Prints "HUB_PORT CDN_PORT". Files of 64 KiB or more lie on the CDN, as git-lfs files do: the Hub
redirects to it and says X-Linked-Etag (SHA-256) and X-Linked-Size. Others have the etag of git.
"""
import hashlib
import http.server
import json
import os
import re
import socket
import struct
import sys
import threading
import time
import urllib.parse

ROOT, LOG = sys.argv[1:3]
LARGE = 64 << 10
lock = threading.Lock()
used = {}
ports = {}
digests = {}


def etag_of(path):
    key = (path, os.stat(path).st_mtime_ns)
    if key not in digests:
        with open(path, "rb") as file:
            data = file.read()
        if len(data) >= LARGE:
            digests[key] = hashlib.sha256(data).hexdigest()
        else:
            digests[key] = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    return digests[key]


def faults():
    try:
        with open(os.path.join(ROOT, "faults.json")) as file:
            return json.load(file, strict=False)
    except FileNotFoundError:
        return []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    def do_HEAD(self):
        self.answer()

    def fault(self):
        what = f"{self.server.label} {self.command} {self.path}"
        authorization = self.headers.get("Authorization") or ""
        for number, fault in enumerate(faults()):
            if not re.search(fault["match"], what):
                continue
            if "token" in fault and authorization != "Bearer " + fault["token"]:
                continue
            if fault.get("no_token") and authorization:
                continue
            key = (number, json.dumps(fault, sort_keys=True))
            with lock:
                if used.get(key, 0) >= fault.get("times", 1 << 30):
                    continue
                used[key] = used.get(key, 0) + 1
            return fault
        return {}

    def answer(self):
        with lock, open(LOG, "a") as log:
            log.write(json.dumps({"server": self.server.label, "method": self.command,
                                  "path": urllib.parse.unquote(self.path),
                                  "range": self.headers.get("Range"),
                                  "authorization": self.headers.get("Authorization")}) + "\n")
        fault = self.fault()
        if "status" in fault:
            fields = {key: value.replace("HUB", f"http://127.0.0.1:{ports['hub']}")
                      for key, value in fault.get("headers", {}).items()}
            self.send(fault["status"], fields, fault.get("body", "").encode(), {})
            return
        path = urllib.parse.urlsplit(self.path).path
        parts = [urllib.parse.unquote(part) for part in path.split("/")[1:]]
        if parts[:2] == ["api", "models"] and len(parts) == 6 and parts[4] == "revision":
            self.listing(parts[2], parts[3], parts[5], fault)
        elif len(parts) >= 5 and parts[2] == "resolve":
            self.resolve(parts, fault)
        elif self.server.label == "cdn" and len(parts) >= 4:
            self.content(os.path.join(ROOT, "models", *parts), {}, fault)
        else:
            self.send(404, {}, b"", fault)

    def commit(self, org, name, revision):
        try:
            with open(os.path.join(ROOT, "models", org, name, "refs.json")) as file:
                refs = json.load(file)
        except OSError:
            self.send(404, {"X-Error-Code": "RepoNotFound"}, b"", {})
            return None
        for commit in [refs.get(revision)] + list(refs.values()):
            if commit and (refs.get(revision) == commit or commit.startswith(revision)):
                return commit
        self.send(404, {"X-Error-Code": "RevisionNotFound"}, b"", {})
        return None

    def listing(self, org, name, revision, fault):
        commit = self.commit(org, name, revision)
        if commit is None:
            return
        top = os.path.join(ROOT, "models", org, name, commit)
        names = [os.path.relpath(os.path.join(folder, file), top)
                 for folder, _, files in os.walk(top) for file in files]
        answer = {"id": f"{org}/{name}", "sha": commit,
                  "siblings": [{"rfilename": file} for file in sorted(names)]}
        self.send(200, {"Content-Type": "application/json"}, json.dumps(answer).encode(), fault)

    def resolve(self, parts, fault):
        org, name, _, revision = parts[:4]
        commit = self.commit(org, name, revision)
        if commit is None:
            return
        path = os.path.join(ROOT, "models", org, name, commit, *parts[4:])
        if not os.path.isfile(path):
            self.send(404, {"X-Error-Code": "EntryNotFound"}, b"", fault)
            return
        fields = {"X-Repo-Commit": commit}
        if os.path.getsize(path) < LARGE:
            self.content(path, {**fields, "ETag": f'W/"{etag_of(path)}"'}, fault)
            return
        place = urllib.parse.quote("/".join([org, name, commit] + parts[4:]))
        fields.update({"X-Linked-Etag": f'"{etag_of(path)}"',
                       "X-Linked-Size": str(os.path.getsize(path)),
                       "Location": f"http://127.0.0.1:{ports['cdn']}/{place}?signature=s3cret"})
        self.send(302, fields, b"", fault)

    def content(self, path, fields, fault):
        with open(path, "rb") as file:
            data = file.read()
        status = 200
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if asked and not fault.get("no_range"):
            first = int(asked[1])
            if first >= len(data):
                self.send(416, {"Content-Range": f"bytes */{len(data)}"}, b"", fault)
                return
            fields["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
            data, status = data[first:], 206
        self.send(status, {**fields, "Accept-Ranges": "bytes"}, data, fault)

    def send(self, status, fields, body, fault):
        fields = {"Content-Length": str(len(body)), **fields, **fault.get("set", {})}
        self.send_response(status)
        for name, value in fields.items():
            if value is not None:
                self.send_header(name, value)
        if "Content-Length" in fields and fields["Content-Length"] != str(len(body)):
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault.get("corrupt"):
            body = bytes([body[0] ^ 1]) + body[1:]
        self.wfile.flush()
        time.sleep(fault.get("delay", 0))
        if "cut" in fault:
            self.wfile.write(body[:fault["cut"]])
            self.wfile.flush()
            # A reset, not an orderly end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            time.sleep(0.05)  # lets what was sent arrive before the reset discards it
            self.connection.close()
            self.close_connection = True
            return
        if "hold" in fault:
            self.wfile.write(body[:fault["hold"]])
            self.wfile.flush()
            try:
                self.connection.recv(1)  # until the other side goes away
            except OSError:
                pass
            self.close_connection = True
            return
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that went away is what many tests are about


def serve(label):
    server = Server(("127.0.0.1", 0), Handler)
    server.label = label
    ports[label] = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()


serve("hub")
serve("cdn")
print(ports["hub"], ports["cdn"], flush=True)
sys.stdin.read()
