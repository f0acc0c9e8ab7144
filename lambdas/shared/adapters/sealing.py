"""Sealing a person's values so that the key that opens them can be destroyed. libsodium's sealed boxes, by PyNaCl.

A sealed box is authenticated and is closed with a public key alone (X25519, XSalsa20, Poly1305; a fresh pair for each
box): whoever writes the audit can put values in and can read none. The private key is wrapped by KMS, bound to the
subject by the encryption context. PyNaCl is loaded when there is something to seal, and not before.
https://pynacl.readthedocs.io/en/latest/public/#nacl-public-sealedbox
"""

from __future__ import annotations

from base64 import b64decode, b64encode

from lambdas.shared.adapters.ledger.answers import AwsClient, named_errors
from lambdas.shared.errors import Unexpected


class KeyWrap:
    """``KeyWrap(client, key)``: ``client`` is a KMS client, ``key`` the stage's KMS key for subjects."""

    def __init__(self, client: AwsClient, key: str) -> None:
        self._client, self._key = client, key

    def wrap(self, private: bytes, subject: str) -> str:
        """The private key as it may be kept, base64."""
        with named_errors("Encrypt a subject's key"):
            answer = self._client.encrypt(KeyId=self._key, Plaintext=private, EncryptionContext={"subject": subject})
        return b64encode(answer["CiphertextBlob"]).decode()

    def unwrap(self, wrapped: str, subject: str) -> bytes:
        """The private key; only who may decrypt with the KMS key can do this."""
        with named_errors("Decrypt a subject's key"):
            answer = self._client.decrypt(
                KeyId=self._key, CiphertextBlob=b64decode(wrapped), EncryptionContext={"subject": subject}
            )
        return bytes(answer["Plaintext"])


def new_pair() -> tuple[bytes, bytes]:
    """A new public and private key, 32 bytes each."""
    from nacl.bindings import crypto_box_keypair

    return crypto_box_keypair()


def seal(public: bytes, value: bytes) -> str:
    """``value`` sealed for whoever has the private key, base64. Twice the same value is sealed differently."""
    from nacl.bindings import crypto_box_seal

    return b64encode(crypto_box_seal(value, public)).decode()


def unseal(private: bytes, sealed: str) -> bytes:
    """What was sealed; ``Unexpected`` where it was altered, or sealed for another key."""
    from nacl.bindings import crypto_box_seal_open, crypto_scalarmult_base
    from nacl.exceptions import CryptoError

    try:
        return crypto_box_seal_open(b64decode(sealed), crypto_scalarmult_base(private), private)
    except (CryptoError, ValueError):
        raise Unexpected("a sealed value was altered, or sealed for another key") from None
