"""The SHA-256 of each packaged function: of its bootstrap, and of a ZIP file that holds it and no time or user.

The bootstrap is the same for the same commit, compiler and cargo-lambda, in whatever folder it is built. The ZIP is
the same for the same bootstrap and zlib. Files and digests (as `sha256sum --check` reads them) go to target/digests.
"""

import hashlib
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

FOLDER = Path("target/digests")


def packed(bootstrap, archive):
    """Writes an archive that depends on the bytes alone. Lambda runs the file, so everybody may execute it."""
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o100755 << 16
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(entry, bootstrap.read_bytes(), compresslevel=9)


def main(functions):
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = []
    for function in functions:
        bootstrap, archive = Path(f"target/lambda/{function}/bootstrap"), FOLDER / f"{function}.zip"
        packed(bootstrap, archive)
        for path in [bootstrap, archive]:
            lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}\n")
    (FOLDER / "SHA256SUMS").write_text("".join(lines))
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout
    (FOLDER / "made-with").write_text(f"{compiler}zlib {zlib.ZLIB_RUNTIME_VERSION}\n")
    print("".join(lines), end="")
    return 0 if functions else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
