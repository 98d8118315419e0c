"""Every address that Lectern adds to the hub, below /hub."""

from __future__ import annotations

from lectern.hub import (
    api,
    chooser,
    course_api,
    course_forms,
    course_pages,
    entry,
    guarded,
    privacy,
    progress,
    rehearsal_api,
    room,
    slide,
    user_api,
)
from lectern.hub.people import api as people_api
from lectern.hub.people import openings
from lectern.hub.people import pages as people_pages
from lectern.web import assets

#: Address → handler, as tornado takes them.
HANDLERS: list[tuple[str, type]] = [
    ("/login", entry.FirstLoginHandler),
    ("/home", chooser.LecternHomeHandler),
    ("/spawn", chooser.StartHandler),
    ("/spawn/([^/]+)", chooser.StartHandler),
    ("/spawn/([^/]+)/([^/]+)", chooser.StartHandler),
    ("/switch", chooser.SwitchHandler),
    ("/stop", chooser.StopHandler),
    ("/courses", course_pages.CoursesHandler),
    ("/new-course", course_forms.NewCourseHandler),
    ("/courses/([^/]+)", course_pages.CourseHandler),
    ("/courses/([^/]+)/edit", course_forms.EditCourseHandler),
    ("/courses/([^/]+)/delete", course_pages.DeleteCourseHandler),
    ("/courses/([^/]+)/slide", slide.SlideHandler),
    ("/courses/([^/]+)/slide/state", slide.SlideStateHandler),
    ("/join(?:/([^/]*))?", entry.JoinHandler),
    ("/signup", entry.SignUpHandler),
    ("/change-password", entry.ChangePasswordHandler),
    (f"/lectern/{assets.PATTERN}", assets.AssetHandler),
    ("/courses/([^/]+)/people", people_pages.PeopleHandler),
    ("/courses/([^/]+)/people/([^/]+)/open", openings.OpenHandler),
    ("/courses/([^/]+)/openings", openings.OpeningsHandler),
    ("/privacy", privacy.PrivacyHandler),
    ("/openings/end", openings.ShutHandler),
    ("/api/oauth2/authorize", openings.AuthorizeHandler),
    ("/link/([^/]+)", people_pages.LinkHandler),
    ("/api/users/([^/]+)", user_api.UserApi),
    ("/api/users/([^/]+)/tokens", guarded.TokensApi),
    ("/api/lectern/courses", course_api.CoursesApi),
    ("/api/lectern/courses/([^/]+)", course_api.CourseApi),
    ("/api/lectern/courses/([^/]+)/environments", course_api.EnvironmentsApi),
    ("/api/lectern/courses/([^/]+)/codes", course_api.CodesApi),
    ("/api/lectern/courses/([^/]+)/codes/([^/]+)", course_api.CodesApi),
    ("/api/lectern/courses/([^/]+)/people", people_api.PeopleApi),
    ("/api/lectern/courses/([^/]+)/people/([^/]+)", people_api.PeopleApi),
    ("/api/lectern/people/([^/]+)/link", people_api.LinkApi),
    ("/api/lectern/courses/([^/]+)/openings", people_api.OpeningsApi),
    ("/api/lectern/memory", course_api.MemoryApi),
    ("/api/users/([^/]+)/server/progress", progress.ProgressApi),
    ("/api/users/([^/]+)/servers/([^/]*)/progress", progress.ProgressApi),
    ("/api/users/([^/]+)/servers/([^/]*)", chooser.NamedServerApi),
    ("/api/lectern/courses/([^/]+)/room", room.RoomApi),
    ("/api/lectern/rehearsal", rehearsal_api.RehearsalApi),
    ("/api/lectern/welcome", api.WelcomeApi),
]
