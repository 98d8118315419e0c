"""End what somebody is logged in with: cookies of every browser, and tokens."""

from __future__ import annotations

from typing import Any

from jupyterhub import orm


def end_sessions(db: Any, user: orm.User) -> None:  # noqa: ANN401 - SQLAlchemy's session
    """End all sessions of a user; what runs goes on running.

    A running server keeps the token that it talks to the hub with, so that it can be used again after
    the next login.
    """
    user.cookie_id = orm.new_token()
    for token in list(user.api_tokens):
        is_servers_own = token.session_id is None and (token.note or "").startswith("Server at ")
        if not is_servers_own:
            db.delete(token)
    db.commit()
