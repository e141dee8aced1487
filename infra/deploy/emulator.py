"""A whole cloud on 127.0.0.1 for as long as a `with` block lasts."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

REGION = "eu-west-1"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def emulator(log: Path, scratch: Path):
    """Yields the environment in which AWS's tools and SDKs talk to it; at the end it and all it started are gone."""
    port = free_port()
    clients = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    server = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "TMPDIR": str(scratch),
        "LAMBDA_EXECUTOR": "local",
        # Functions get the session of their role, and each call is held to the role's policy.
        "AUTH": "true",
        # Both would listen on all addresses.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    # Nothing of the caller's: no profile, no proxy, no other endpoint.
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = subprocess.Popen(
        [Path(sys.executable).with_name("ministack")],
        env=inherited | clients | server,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A group of its own, so that its functions end with it.
        start_new_session=True,
    )
    listening = threading.Event()

    def keep_log():
        with log.open("w") as kept:
            for line in process.stdout:
                kept.write(line)
                kept.flush()
                if re.search(r"Running on http://127\.0\.0\.1:\d+", line):
                    listening.set()
        listening.set()

    reader = threading.Thread(target=keep_log, daemon=True)
    reader.start()
    try:
        if not listening.wait(60) or process.poll() is not None:
            raise SystemExit(f"the emulator did not start:\n{log.read_text()}")
        yield inherited | clients
    finally:
        stop(process)
        reader.join(5)


def stop(process):
    """Its group by its number: itself, and the functions it runs."""
    for stop_signal in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, stop_signal)
        except ProcessLookupError:
            break
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue
