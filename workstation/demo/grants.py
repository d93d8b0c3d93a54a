"""What readers have allowed: one-use codes, rotating refresh tokens, and the end of both.

Kept in memory: after a restart of the platform its readers sign in again.
"""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

from workstation.demo.tokens import Grant

_CODE_SECONDS = 60
_ASK_SECONDS = 600
_MOST_ASKED = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked authorization request that waits for its reader."""

    client: str
    redirect: str
    scopes: tuple[str, ...]
    state: str
    nonce: str
    challenge: str


@dataclass(frozen=True, slots=True)
class _Code:
    grant: Grant
    asked: Asked
    until: float


@dataclass(slots=True)
class Grants:
    """The memory of the sign-in server; used from the event loop only, so it needs no lock."""

    clock: Callable[[], float] = time.monotonic
    _asked: dict[str, tuple[Asked, float]] = field(default_factory=dict)
    _codes: dict[str, _Code] = field(default_factory=dict)
    _used_codes: dict[str, str] = field(default_factory=dict)
    _refresh: dict[str, Grant] = field(default_factory=dict)
    _used_refresh: dict[str, str] = field(default_factory=dict)
    _alive: set[str] = field(default_factory=set)

    def alive(self, grant: str) -> bool:
        """Whether a grant still stands."""
        return grant in self._alive

    def ask(self, asked: Asked) -> str:
        """Remember a request; gives the one-use secret that the login form must send back."""
        now = self.clock()
        self._asked = {k: v for k, v in self._asked.items() if v[1] > now}
        while len(self._asked) >= _MOST_ASKED:
            self._asked.pop(next(iter(self._asked)))
        interaction = secrets.token_urlsafe(32)
        self._asked[interaction] = (asked, now + _ASK_SECONDS)
        return interaction

    def take(self, interaction: str) -> Asked | None:
        """Give the request of a login form, once."""
        found = self._asked.pop(interaction, None)
        return found[0] if found and found[1] > self.clock() else None

    def allow(self, asked: Asked, *, user: str, role: str, name: str) -> str:
        """Begin a grant; gives its one-use code."""
        grant = Grant(
            id=secrets.token_urlsafe(16),
            user=user,
            role=role,
            name=name,
            client=asked.client,
            scopes=asked.scopes,
            nonce=asked.nonce,
        )
        self._alive.add(grant.id)
        code = secrets.token_urlsafe(32)
        self._codes[code] = _Code(grant, asked, self.clock() + _CODE_SECONDS)
        return code

    def redeem(self, code: str, *, client: str, redirect: str, verifier: str) -> Grant | None:
        """Exchange a code, once (RFC 6749 §4.1.2); a second try ends the grant."""
        if code in self._used_codes:
            self.end(self._used_codes[code])
            return None
        found = self._codes.pop(code, None)
        if found is None:
            return None
        self._used_codes[code] = found.grant.id
        right = (
            found.until > self.clock()
            and found.asked.client == client
            and found.asked.redirect == redirect
            and secrets.compare_digest(found.asked.challenge, s256(verifier))
        )
        if not right:
            self.end(found.grant.id)
            return None
        return found.grant

    def refresh_token(self, grant: Grant) -> str:
        """Make a refresh token of a grant."""
        token = secrets.token_urlsafe(32)
        self._refresh[token] = grant
        return token

    def rotate(self, token: str, client: str) -> Grant | None:
        """Use a refresh token up (RFC 9700 §4.14.2); using it again ends the grant."""
        if token in self._used_refresh:
            self.end(self._used_refresh[token])
            return None
        grant = self._refresh.get(token)
        if grant is None or grant.client != client:
            return None
        del self._refresh[token]
        self._used_refresh[token] = grant.id
        return grant

    def end_by_refresh_token(self, token: str, client: str) -> None:
        """Revoke the grant of a refresh token (RFC 7009); an unknown token changes nothing."""
        grant = self._refresh.get(token)
        if grant is not None and grant.client == client:
            self.end(grant.id)

    def end(self, grant: str) -> None:
        """Revoke a grant with all its tokens."""
        self._alive.discard(grant)
        self._refresh = {t: g for t, g in self._refresh.items() if g.id != grant}
        self._codes = {c: g for c, g in self._codes.items() if g.grant.id != grant}


def s256(verifier: str) -> str:
    """Give the code challenge of a verifier (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
