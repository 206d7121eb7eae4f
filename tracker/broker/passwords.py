"""Passwords: made by chance so that a volunteer can type them, and hashed as Mosquitto's password file has them."""

import base64
import hashlib
import secrets

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # without 0 and o, 1 and l
_GROUPS, _GROUP = 4, 5
_ROUNDS = 101  # Mosquitto's own: a password is 100 bits of chance, to which no round adds, and each costs the broker at every connection
_SALT_BYTES = 12  # what Mosquitto 2.0 wants, neither more nor less


def new_password() -> str:
    """A password of 100 bits: `k7qf9-3mwtx-h2b8c-rj4ne`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def hashed(name: str, password: str) -> str:
    """A line of Mosquitto's password file: PBKDF2 of SHA-512, as mosquitto_passwd of 2.0 writes it."""
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return f"{name}:$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}\n"
