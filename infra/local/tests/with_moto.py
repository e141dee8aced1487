"""Runs a command with PALISADE_MOTO_URL naming a moto server of its own on 127.0.0.1.

Two things that moto leaves out are put in: what a restore is asked for, and signatures over what is a digest already.
"""

import base64
import json
import os
import subprocess
import sys

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from moto.dynamodb.responses import DynamoHandler
from moto.kms.responses import KmsResponse
from moto.server import ThreadedMotoServer

restore = DynamoHandler.restore_table_to_point_in_time
sign = KmsResponse.sign


def restore_as_asked(self):
    """moto restores keys, indexes and items. AWS also keeps how a table is paid for, and heeds what else is asked."""
    answer = restore(self)
    table = self.dynamodb_backend.get_table(self.body["TargetTableName"])
    table.billing_mode = self.dynamodb_backend.get_table(self.body["SourceTableName"]).billing_mode
    table.sse_specification = self.body.get("SSESpecificationOverride")
    table.restore_date_time = self.body.get("RestoreDateTime", table.restore_date_time)
    return answer


def sign_as_asked(self):
    """moto hashes a digest once more. AWS signs it as it is."""
    answer = json.loads(sign(self))
    if self._get_param("MessageType") == "DIGEST" and answer["SigningAlgorithm"] == "ECDSA_SHA_256":
        key = self.kms_backend.describe_key(self._get_param("KeyId")).private_key.private_key
        signature = key.sign(self._get_param("Message"), ECDSA(Prehashed(SHA256())))
        answer["Signature"] = base64.b64encode(signature).decode()
    return json.dumps(answer)


DynamoHandler.restore_table_to_point_in_time = restore_as_asked
KmsResponse.sign = sign_as_asked

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
try:
    _, port = server.get_host_and_port()
    environment = {**os.environ, "PALISADE_MOTO_URL": f"http://127.0.0.1:{port}"}
    status = subprocess.run(sys.argv[1:], env=environment, check=False).returncode
finally:
    server.stop()
sys.exit(status)
