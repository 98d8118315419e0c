"""Every address that Lectern adds to the hub, below /hub."""

from __future__ import annotations

from lectern.hub import api, course_api, entry, guarded
from lectern.hub.people import pages as people_pages

#: Address → handler, as tornado takes them.
HANDLERS: list[tuple[str, type]] = [
    ("/login", entry.FirstLoginHandler),
    ("/join(?:/([^/]*))?", entry.JoinHandler),
    ("/signup", entry.SignUpHandler),
    ("/change-password", entry.ChangePasswordHandler),
    ("/courses/([^/]+)/people", people_pages.PeopleHandler),
    ("/link/([^/]+)", people_pages.LinkHandler),
    ("/api/users/([^/]+)/tokens", guarded.TokensHandler),
    ("/api/lectern/courses", course_api.CoursesHandler),
    ("/api/lectern/courses/([^/]+)", course_api.CourseHandler),
    ("/api/lectern/courses/([^/]+)/environments", course_api.EnvironmentsHandler),
    ("/api/lectern/courses/([^/]+)/environments/([^/]+)", course_api.EnvironmentsHandler),
    ("/api/lectern/courses/([^/]+)/codes", course_api.CodesHandler),
    ("/api/lectern/courses/([^/]+)/codes/([^/]+)", course_api.CodesHandler),
    ("/api/lectern/welcome", api.WelcomeHandler),
]
