"""Tokens, good and bad, as a gateway or an attacker would send them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

SECRET = "a shared secret of the tests that is long enough for every algorithm there is"
ISSUER, AUDIENCE = "https://gateway.example", "reelay"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FOREIGN_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def claims(**changes: Any) -> dict[str, Any]:
    """Good ones; None leaves a claim out."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ann",
        "scope": "video:read video:write",
        "iat": now,
        "nbf": now,
        "exp": now + timedelta(minutes=5),
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def signed(
    key: Any = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **said: Any
) -> str:
    return jwt.encode(claims(**said), key, algorithm, headers)


def raw(header: Any, payload: Any, signature: bytes = b"x") -> str:
    """Any three parts; text is taken as it is, all else as JSON."""
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, payload)]
    return ".".join(_part(part.encode()) for part in parts) + "." + _part(signature)


def _part(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def jwk(key: Any, kid: str | None, **more: Any) -> dict[str, Any]:
    """The public half of a key as a set shows it."""
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    public = json.loads(kind.to_jwk(key.public_key()))
    return {**public, **({"kid": kid} if kid else {}), **more}


def bearer(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}
