"""Every address that Lectern adds to the hub, below /hub."""

from __future__ import annotations

from lectern.hub import api, course_api, entry, rehearsal_api, room

#: Address → handler, as tornado takes them.
HANDLERS: list[tuple[str, type]] = [
    ("/login", entry.FirstLoginHandler),
    ("/join(?:/([^/]*))?", entry.JoinHandler),
    ("/signup", entry.SignUpHandler),
    ("/change-password", entry.ChangePasswordHandler),
    ("/api/lectern/courses", course_api.CoursesHandler),
    ("/api/lectern/courses/([^/]+)", course_api.CourseHandler),
    ("/api/lectern/courses/([^/]+)/environments", course_api.EnvironmentsHandler),
    ("/api/lectern/courses/([^/]+)/environments/([^/]+)", course_api.EnvironmentsHandler),
    ("/api/lectern/courses/([^/]+)/codes", course_api.CodesHandler),
    ("/api/lectern/courses/([^/]+)/codes/([^/]+)", course_api.CodesHandler),
    ("/api/lectern/courses/([^/]+)/room", room.RoomHandler),
    ("/api/lectern/rehearsal", rehearsal_api.RehearsalHandler),
    ("/api/lectern/welcome", api.WelcomeHandler),
]
