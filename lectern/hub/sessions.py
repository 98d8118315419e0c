"""End what somebody is logged in with: cookies of every browser, tokens, and codes that become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyterhub import orm

if TYPE_CHECKING:
    from collections.abc import Collection

    from jupyterhub.user import User
    from sqlalchemy.orm import Session


def end_sessions(db: Session, user: orm.User, *, kept: Collection[str] = ()) -> None:
    """End every session and token that somebody has; what runs goes on running.

    Parameters
    ----------
    kept : Collection[str]
        Secrets of running servers' own tokens. They are known by the secret: anybody can copy a note.
    """
    user.cookie_id = orm.new_token()
    kept_ids = {token.id for secret in kept if secret and (token := orm.APIToken.find(db, secret))}
    for token in list(user.api_tokens):
        if token.id not in kept_ids:
            db.delete(token)
    for code in list(user.oauth_codes):
        db.delete(code)
    db.commit()


def secrets_of_servers(user: User) -> list[str]:
    """Give what a user's running servers talk to the hub with: they can be used again after a login."""
    return [server.api_token for server in user.spawners.values() if server.active]
