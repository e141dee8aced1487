"""Signs model manifests with Ed25519, or checks them.

    python sign.py --key .local/model-signing.pem failure      sign; creates the key if there is none
    python sign.py --verify failure                             check signature and digest with release.pub

The signature is the raw 64 bytes over the exact bytes of manifest.json; the manifest carries the model's sha256.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PUBLIC_KEY = Path(__file__).parent / "release.pub"
DEFAULT_KEY = Path(".local/model-signing.pem")


def load_or_create(path: Path) -> Ed25519PrivateKey:
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            sys.exit(f"{path}: not an Ed25519 private key")
        return key
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The mode is set at creation: the key is never readable by others, not even for a moment.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    print(f"new key: {path}")
    return key


def check_digest(folder: Path) -> bytes:
    """The manifest's bytes, after checking that the model beside it is the one it names."""
    manifest = (folder / "manifest.json").read_bytes()
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    if json.loads(manifest)["sha256"] != digest:
        sys.exit(f"{folder}: model.onnx is not the one in manifest.json")
    return manifest


def sign(path: Path, folders: list[Path]) -> None:
    key = load_or_create(path)
    for folder in folders:
        (folder / "manifest.sig").write_bytes(key.sign(check_digest(folder)))
        print(f"signed: {folder}")
    PUBLIC_KEY.write_text(key.public_key().public_bytes_raw().hex() + "\n", encoding="ascii")


def verify(folders: list[Path]) -> None:
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(PUBLIC_KEY.read_text(encoding="ascii").strip()))
    for folder in folders:
        manifest = check_digest(folder)
        try:
            key.verify((folder / "manifest.sig").read_bytes(), manifest)
        except InvalidSignature:
            sys.exit(f"{folder}: manifest.sig does not match release.pub")
        print(f"verified: {folder}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", type=Path, default=DEFAULT_KEY, help="private key, PEM PKCS8 (default %(default)s)")
    parser.add_argument("--verify", action="store_true", help="check instead of signing")
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    args = parser.parse_args()
    verify(args.folders) if args.verify else sign(args.key, args.folders)


if __name__ == "__main__":
    main()
