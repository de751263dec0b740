"""Stands in for addons/serve.py: says where it listens and waits, or misbehaves as FAKE_SERVE says."""

import itertools
import json
import os
import socket
import sys
from pathlib import Path


def say(stream, text):
    stream.write(f"{text}\n")
    stream.flush()


behaviour = os.environ.get("FAKE_SERVE", "ok")
words = sys.argv[1:]
if log := os.environ.get("FAKE_SERVE_LOG"):
    Path(log).write_text(json.dumps({"words": words, "auth": os.environ.get("RECORDER_PROXY_AUTH")}))
if behaviour == "refuse":
    say(sys.stderr, "recorder: no such option")
    sys.exit(2)
if behaviour == "crash":
    sys.exit(1)
if behaviour == "garbage":
    say(sys.stdout, "hello")
if behaviour in ("ok", "ends", "buffers"):
    listening, sockets = [], []
    for word, spec in itertools.pairwise(words):
        if word == "--mode":
            host, _, port = spec.rpartition("@")[2].rpartition(":")
            sockets.append(socket.create_server((host, int(port))))
            listening.append({"mode": spec, "host": host, "port": sockets[-1].getsockname()[1]})
    say(sys.stderr, "recorder: a word of warning")
    say(sys.stdout, json.dumps({"listening": listening, "run_id": "r1", "ca": os.environ.get("FAKE_CA", "/ca.pem")}))
if behaviour == "ends":
    sys.exit(3)
if behaviour == "buffers":
    upstream = words[words.index("--mode") + 1].partition("@")[0].rpartition("/")[2].split(":")
    client, _ = sockets[0].accept()
    with socket.create_connection((upstream[0], int(upstream[1]))) as provider:
        provider.sendall(client.recv(65536))
        answer = b""
        while not answer.endswith(b"\r\n0\r\n\r\n"):
            answer += provider.recv(65536)
        client.sendall(answer)
sys.stdin.read()
if log:
    Path(log).with_suffix(".stopped").touch()
