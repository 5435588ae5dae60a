"""`make check-evidence`: checks a room that was written down as evidence, line by line, and its signature.

FILE is the answer of GET /admin/rooms/{id}/evidence; KEY the public key as PEM or DER, by default that of the running
stack, or of the STACK on AWS.
"""

import base64
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from marketplace.operations.evidence import breaks_in, digest_of_end
from tools.command_line import OneLineParser
from tools.ops.verify import stack_of

if TYPE_CHECKING:
    from tools.local.tables_read import Stack


def faults_in(lines: Sequence[str], key: bytes) -> list[str]:
    """Return what is wrong with the lines of a room; ``key`` is the public one."""
    found = breaks_in(lines)
    if found:
        return found
    public = load_pem_public_key(key) if key.startswith(b"-----") else load_der_public_key(key)
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return ["the key is not one of ECDSA"]
    end = json.loads(lines[-1])
    try:
        public.verify(
            base64.b64decode(str(end.get("signature"))), digest_of_end(end), ec.ECDSA(Prehashed(hashes.SHA256()))
        )
    except (InvalidSignature, ValueError):
        return [f"line {len(lines)}: the signature does not hold"]
    return []


def _key_of(stack: "Stack") -> bytes:
    """Return the public key of a stack's signatures."""
    cloudformation: Any = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
    outputs = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]["Outputs"]
    key_id = next(each["OutputValue"] for each in outputs if each["OutputKey"] == "ProofKeyId")
    keys: Any = stack.session.client("kms", endpoint_url=stack.endpoint_url)
    public: bytes = keys.get_public_key(KeyId=key_id)["PublicKey"]
    return public


def main() -> int:
    """Check the file that the command line names; the exit code tells whether every line holds."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, read with your credentials")
    parser.add_argument("--file", type=Path, required=True, help="the room as it was written down")
    parser.add_argument("--key", default="", help="the public key, PEM or DER")
    chosen = parser.parse_args()
    try:
        lines = chosen.file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        found = breaks_in(lines)
        if not found:
            key = Path(chosen.key).read_bytes() if chosen.key else _key_of(stack_of(chosen.outputs, chosen.stack))
            found = faults_in(lines, key)
    except (OSError, ValueError) as error:
        print(f"it cannot be read: {error}", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"the stack cannot be read: {error}", file=sys.stderr)
        return 2
    for fault in found:
        print(fault)
    print(f"{len(lines)} lines checked, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
