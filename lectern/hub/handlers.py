"""Every address that Lectern adds to the hub, below /hub."""

from __future__ import annotations

from lectern.hub import api, entry
from lectern.web import assets

#: Address → handler, as tornado takes them.
HANDLERS: list[tuple[str, type]] = [
    ("/login", entry.FirstLoginHandler),
    ("/join(?:/([^/]*))?", entry.JoinHandler),
    ("/signup", entry.SignUpHandler),
    ("/change-password", entry.ChangePasswordHandler),
    (f"/lectern/{assets.PATTERN}", assets.AssetHandler),
    ("/api/lectern/courses", api.CoursesHandler),
    ("/api/lectern/welcome", api.WelcomeHandler),
]
