"""Runs a command with PALISADE_MOTO_URL naming a moto server of its own on 127.0.0.1."""

import os
import subprocess
import sys

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
try:
    _, port = server.get_host_and_port()
    environment = {**os.environ, "PALISADE_MOTO_URL": f"http://127.0.0.1:{port}"}
    status = subprocess.run(sys.argv[1:], env=environment, check=False).returncode
finally:
    server.stop()
sys.exit(status)
