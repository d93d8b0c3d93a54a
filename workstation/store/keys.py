"""The key hierarchy under one master key: the database's key and the wrapping of series keys.

master ──HKDF("db")──────────► raw key of the database
       ──HKDF("db-salt")─────► its salt, by which a file of another key is told from damage
       ──HKDF("case-wrap")───► wraps the key of each series file (AES-KW, RFC 3394)
       ──HKDF("header")──────► HMAC over the key file
"""

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from workstation.store.secret import Secret

_SALT_BYTES = 16


class Keys:
    """What an unlocked store works with; ``wipe`` overwrites all of it."""

    def __init__(self, master: Secret) -> None:
        """Derive from the master key, which from then on is this object's own."""
        self._master = master
        self._wrapping = master.derived("case-wrap")

    @classmethod
    def new(cls) -> "Keys":
        """Keys of a store that does not exist yet."""
        return cls(Secret.random())

    @property
    def is_wiped(self) -> bool:
        """Whether they are overwritten: the store is locked."""
        return self._master.is_wiped

    def database_key(self) -> Secret:
        """Raw key and salt of the database, 48 bytes; the caller wipes it."""
        with_salt = bytearray()
        with _wiped(self._master.derived("db")) as key:
            with_salt += key.content
        with_salt += self.database_salt()
        secret = Secret(with_salt)
        with_salt[:] = bytes(len(with_salt))
        return secret

    def database_salt(self) -> bytes:
        """The first bytes of the database's file: no secret."""
        return bytes(self._master.derived("db-salt", length=_SALT_BYTES).content)

    def wrapped(self, key: Secret) -> bytes:
        """The key of one series file, as it may be stored."""
        return aes_key_wrap(self._wrapping.content, key.content)

    def unwrapped(self, wrapped: bytes) -> Secret:
        """The key again; InvalidUnwrap when it was wrapped by other keys, or is damaged."""
        return Secret(aes_key_unwrap(self._wrapping.content, wrapped))

    def header_mac(self, content: bytes) -> bytes:
        """HMAC over the key file's content."""
        with _wiped(self._master.derived("header")) as key:
            return key.mac(content)

    def master_wrapped(self, by: Secret) -> bytes:
        """The master key, wrapped by the key of a slot."""
        return aes_key_wrap(by.content, self._master.content)

    def wipe(self) -> None:
        """Overwrite every key."""
        self._wrapping.wipe()
        self._master.wipe()

    def __repr__(self) -> str:
        """Say nothing of the content."""
        return "<keys, wiped>" if self.is_wiped else "<keys>"


def keys_from(wrapped: bytes, by: Secret) -> Keys | None:
    """Give the keys whose master a slot's key had wrapped; None when it is not that key."""
    try:
        return Keys(Secret(aes_key_unwrap(by.content, wrapped)))
    except (InvalidUnwrap, ValueError):
        return None


class _wiped:  # noqa: N801 - reads as a verb where it is used
    """Wipes a secret at the end of a block."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def __enter__(self) -> Secret:
        return self._secret

    def __exit__(self, *_: object) -> None:
        self._secret.wipe()
