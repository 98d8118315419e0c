"""The slide to project: address, QR code, sign-up code, and how many are in already."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import segno
from tornado import web

from lectern.hub.course_pages import CoursePage
from lectern.hub.members import members_of, spawner_of
from lectern.hub.roles import Role, group_names, role_in

if TYPE_CHECKING:
    from lectern.hub.courses import Course


def qr_code(address: str) -> str:
    """Draw an address as SVG that scales with the page, dark on light whatever the page's colours are."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000", light="#fff"
    )
    return drawn.getvalue().decode("utf-8")


class SlideHandler(CoursePage):
    """/hub/courses/<name>/slide: full screen, readable from the last row."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Show it."""
        course = self.course(name, least=Role.HELPER)
        address = self.authenticator.lectern_settings.address
        self.show(
            "slide.html",
            course=course,
            host=address.partition("://")[2],
            # The proxy's default route leads /join to /hub/join: shorter to type from a slide.
            short_address=f"{address.partition('://')[2]}/join",
            qr=qr_code(f"{address}{self.hub.base_url}join/{course.code}") if course.code else "",
            state=self.state_of(course),
        )

    def state_of(self, course: Course) -> dict[str, int | None]:
        """Count participants, running servers and seats left of the shown code."""
        people = members_of(self.db, course.name)
        participants = [
            person for person in people if role_in(course.name, group_names(person)) is Role.PARTICIPANT
        ]
        spawners = [spawner_of(self.users, person) for person in participants]
        running = sum(bool(spawner and spawner.ready) for spawner in spawners)
        shown = next((code for code in course.codes if code.code == course.code), None)
        return {
            "in": len(participants),
            "running": running,
            "seats_left": shown.seats_left if shown else None,
        }


class SlideStateHandler(SlideHandler):
    """/hub/courses/<name>/slide/state: what the slide asks every other second."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Give the counts."""
        self.finish(dict(self.state_of(self.course(name, least=Role.HELPER))))
