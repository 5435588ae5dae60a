"""Bank details: stored as KMS ciphertext bound to their therapist, readable only where they are needed."""

import base64
import json
from collections.abc import Mapping
from typing import Final, final

from marketplace.platform.resilience import Dependency

_SHOWN_DIGITS: Final = 4


@final
class BankDetailsVault:
    """Encrypts and decrypts therapists' bank details."""

    def __init__(self, kms: Dependency, key_id: str) -> None:
        """Use the stack's key."""
        self._kms = kms
        self._key_id = key_id

    def encrypt(self, therapist_id: str, details: Mapping[str, str]) -> str:
        """Return the ciphertext of bank details, as base64."""
        answer = self._kms.call(
            "encrypt",
            KeyId=self._key_id,
            Plaintext=json.dumps(dict(details)).encode(),
            EncryptionContext={"therapistId": therapist_id},
        )
        return base64.b64encode(bytes(answer["CiphertextBlob"])).decode("ascii")  # type: ignore[call-overload]

    def decrypt(self, therapist_id: str, ciphertext: str) -> dict[str, str]:
        """Return the bank details behind a ciphertext."""
        answer = self._kms.call(
            "decrypt",
            KeyId=self._key_id,
            CiphertextBlob=base64.b64decode(ciphertext),
            EncryptionContext={"therapistId": therapist_id},
        )
        details: dict[str, str] = json.loads(bytes(answer["Plaintext"]))  # type: ignore[call-overload]
        return details


def masked(details: Mapping[str, str]) -> dict[str, str]:
    """Return bank details with all but the last four digits of the account hidden, at least half of it."""
    number = details["accountNumber"]
    hidden = "•" * max(len(number) - _SHOWN_DIGITS, (len(number) + 1) // 2)
    return {**details, "accountNumber": hidden + number[len(hidden) :]}
