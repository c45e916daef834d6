"""The bearer token of a client."""

from __future__ import annotations

import base64
import json
import logging
import time
from typing import Optional

from .errors import AuthenticationError
from .options import Options

log = logging.getLogger("longspan")


class Tokens:
    """Fetches the token, and fetches it again before it expires."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._accepted = False
        self._renew_at: Optional[float] = None
        self.current: Optional[str] = None

    @property
    def may_help(self) -> bool:
        """Whether a new token may help: not if the bridge rejected one that was just fetched."""
        return self._accepted and callable(self._options.token)

    def accepted(self) -> None:
        """Called when the bridge has accepted the current token."""
        self._accepted = True

    async def renew(self) -> None:
        """Fetches the token. Raises ``AuthenticationError`` if there is none."""
        source = self._options.token
        if source is None:
            return
        try:
            token = source() if callable(source) else source
            self.current = token if isinstance(token, str) else await token
        except Exception as cause:
            raise AuthenticationError("No token to be had") from cause
        self._accepted = False
        self._schedule()

    async def renew_if_due(self, hold: float) -> None:
        """Fetches a new token if this one may expire within the next ``hold`` seconds."""
        if self._renew_at is None or time.time() + hold < self._renew_at:
            return
        try:
            await self.renew()
        except AuthenticationError as failure:
            log.warning("token: %s", failure.__cause__)
            self._schedule()

    def _schedule(self) -> None:
        expiry = _expiry(self.current) if callable(self._options.token) else None
        # Not constantly for a token that lives shorter than a poll is held.
        left = 0.0 if expiry is None else (expiry - time.time()) / 5
        self._renew_at = None if expiry is None or left <= 0 else expiry - left


def _expiry(token: Optional[str]) -> Optional[float]:
    """Returns when a JWT expires, in seconds since 1970."""
    try:
        payload = (token or "").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError):
        return None
