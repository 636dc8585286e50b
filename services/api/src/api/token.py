"""``python -m api.token --user ann``: a token for development and tests, signed with JWT_SECRET."""

import argparse
import sys
from datetime import UTC, datetime, timedelta

import jwt

from api.auth import READ, WRITE
from api.settings import AuthSettings
from shared.runtime.settings import read


def token(settings: AuthSettings, *, user: str, scope: str, lifetime: timedelta) -> str:
    """Needs ``jwt_secret``: with a key set only its owner can sign."""
    if settings.jwt_secret is None:
        sys.exit("Only JWT_SECRET can sign tokens here; with a key set, ask its owner for one.")
    now = datetime.now(UTC)
    claims = {"iss": settings.jwt_issuer, "aud": settings.jwt_audience, "sub": user}
    claims |= {"scope": scope, "iat": now, "nbf": now, "exp": now + lifetime}
    return jwt.encode(claims, settings.jwt_secret, settings.jwt_algorithm)


def main() -> None:
    parser = argparse.ArgumentParser(description="A token for development and tests")
    parser.add_argument("--user", required=True, help="the token's subject, who owns projects")
    parser.add_argument("--scope", default=f"{READ} {WRITE}", help="what it allows, with spaces")
    parser.add_argument("--minutes", type=float, default=60)
    said = parser.parse_args()
    lifetime = timedelta(minutes=said.minutes)
    made = token(read(AuthSettings), user=said.user, scope=said.scope, lifetime=lifetime)
    sys.stdout.write(made + "\n")


if __name__ == "__main__":
    main()
