"""The slide to project: address, QR code, sign-up code, and how many are in already."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import segno
from jupyterhub import orm
from tornado import web

from lectern import names
from lectern.hub.course_pages import CoursePage
from lectern.hub.roles import Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

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
        people = _members(self.db, names.course_group(course.name))
        teaching = _members(self.db, names.instructor_group(course.name)) | _members(
            self.db, names.helper_group(course.name)
        )
        participants = people - teaching
        running = sum(self._user_from_orm(person).spawner.ready for person in participants)
        shown = next((code for code in course.codes if code.code == course.code), None)
        return {
            "in": len(participants),
            "running": running,
            "seats_left": shown.seats_left if shown else None,
        }


def _members(db: Session, group_name: str) -> set[orm.User]:
    group = orm.Group.find(db, group_name)
    return set(group.users) if group else set()


class SlideStateHandler(SlideHandler):
    """/hub/courses/<name>/slide/state: what the slide asks every other second."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Give the counts."""
        self.finish(dict(self.state_of(self.course(name, least=Role.HELPER))))
