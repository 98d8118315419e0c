"""What the hub does by itself while it runs: rooms are opened on time, and servers closed to others again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tornado.ioloop import IOLoop

from lectern.hub.helping import Watch
from lectern.hub.people.openings import course_at_work, is_still_right
from lectern.hub.room import Timetable

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyterhub import orm
    from jupyterhub.user import User
    from sqlalchemy.orm import Session

    from lectern.settings import Settings


def begin(settings: Settings, db: Session, find_user: Callable[[orm.User], User]) -> None:
    """Begin with all of it, on this thread's loop; it ends with the hub."""
    timetable = Timetable(settings, db)
    watch = Watch(db, is_still_right(db, lambda user: course_at_work(find_user(user))))
    for duty in (timetable, watch):
        IOLoop.current().add_callback(duty.follow)
