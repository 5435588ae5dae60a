"""`make check-proofs`: checks the chain of proofs of the books and their signatures; of files it does so offline.

FILE is the answer of GET /admin/proofs (or its items), KEY the public key as PEM or DER; without FILE both are read
from a stack.
"""

import base64
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from marketplace.operations.proof_of_books.model import breaks_in
from marketplace.operations.proof_of_books.repository import Proofs
from marketplace.operations.proof_of_books.responses import proof_view
from tools.command_line import OneLineParser
from tools.ops.migrate_ledger import store_of
from tools.ops.verify import stack_of

if TYPE_CHECKING:
    from tools.local.tables_read import Stack


def faults_in(proofs: Sequence[Mapping[str, Any]], key: bytes) -> list[str]:
    """Return what is wrong with proofs as they are shown, in any order; ``key`` is the public one."""
    chain = sorted(proofs, key=lambda proof: str(proof["date"]))
    found = breaks_in(chain)
    public = load_pem_public_key(key) if key.startswith(b"-----") else load_der_public_key(key)
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return [*found, "the key is not one of ECDSA"]
    for proof in chain:
        try:
            public.verify(
                base64.b64decode(str(proof["signature"])),
                bytes.fromhex(str(proof["hash"])),
                ec.ECDSA(Prehashed(hashes.SHA256())),
            )
        except (InvalidSignature, ValueError):
            found.append(f"{proof['date']}: the signature does not hold")
    return found


def _of_stack(stack: "Stack") -> tuple[list[Mapping[str, Any]], bytes]:
    """Return the proofs of a stack, and the public key behind them."""
    cloudformation: Any = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
    outputs = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]["Outputs"]
    key_id = next(each["OutputValue"] for each in outputs if each["OutputKey"] == "ProofKeyId")
    keys: Any = stack.session.client("kms", endpoint_url=stack.endpoint_url)
    public: bytes = keys.get_public_key(KeyId=key_id)["PublicKey"]
    proofs = Proofs(store_of(stack)).find_between("0000-01-01", "9999-12-31")
    return [dict(proof_view(proof)) for proof in proofs], public


def _of_files(file: Path, key: Path) -> tuple[list[Mapping[str, Any]], bytes]:
    read = json.loads(file.read_text(encoding="utf-8"))
    return (read["items"] if isinstance(read, dict) else read), key.read_bytes()


def main() -> int:
    """Check the proofs that the command line names; the exit code tells whether all hold."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, read with your credentials")
    parser.add_argument("--file", default="", help="the answer of GET /admin/proofs")
    parser.add_argument("--key", default="", help="the public key, PEM or DER")
    chosen = parser.parse_args()
    try:
        if chosen.file:
            proofs, key = _of_files(Path(chosen.file), Path(chosen.key))
        else:
            proofs, key = _of_stack(stack_of(chosen.outputs, chosen.stack))
    except (OSError, ValueError, KeyError) as error:
        print(f"the proofs cannot be read: {error}", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"the stack cannot be read: {error}", file=sys.stderr)
        return 2
    found = faults_in(proofs, key)
    for fault in found:
        print(fault)
    print(f"{len(proofs)} proofs checked, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
