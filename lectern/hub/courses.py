"""Courses, their environments and sign-up codes: our tables, in the hub's database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jupyterhub import orm
from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Integer, Unicode, UniqueConstraint, or_, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lectern import names
from lectern.hub import course_migration
from lectern.hub.codes import CourseClosedError, UnknownCodeError, new_code, normalise_code
from lectern.hub.course_fields import CourseFields, name_is_taken
from lectern.hub.moment import Moment
from lectern.hub.roles import Role, all_groups, group_names, groups_of, role_in
from lectern.hub.schedule import Schedule
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from lectern.settings import Settings


class Course(orm.Base):
    """A course: who knows one of its codes may sign up, and works in one of its environments."""

    __tablename__ = "lectern_courses"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Unicode(64), unique=True)
    title: Mapped[str] = mapped_column(Unicode(200))
    opens_at: Mapped[datetime | None] = mapped_column(Moment)
    closes_at: Mapped[datetime | None] = mapped_column(Moment)
    timezone: Mapped[str] = mapped_column(Unicode(64), default="UTC")
    memory_bytes: Mapped[int | None] = mapped_column(BigInteger)
    cpus: Mapped[float | None] = mapped_column(Float)
    processes: Mapped[int | None] = mapped_column(Integer)
    materials: Mapped[str] = mapped_column(Unicode(200), default="")
    allows_helping: Mapped[bool] = mapped_column(Boolean, default=False)

    used_environments: Mapped[list[CourseEnvironment]] = relationship(
        order_by="CourseEnvironment.position", cascade="all, delete-orphan"
    )
    codes: Mapped[list[CourseCode]] = relationship(
        order_by="CourseCode.id", cascade="all, delete-orphan", back_populates="course"
    )

    @property
    def environments(self) -> list[str]:
        """Name the environments, the first one first."""
        return [used.environment for used in self.used_environments]

    @property
    def environment(self) -> str:
        """Name the first environment; empty when there is none yet."""
        return next(iter(self.environments), "")

    @property
    def code(self) -> str:
        """Give the code for participants that still lets somebody in; empty when there is none."""
        now = datetime.now(UTC)
        return next(
            (code.code for code in self.codes if code.role == Role.PARTICIPANT and code.is_usable(now)), ""
        )

    @property
    def fields(self) -> CourseFields:
        """Give all that a teacher decided."""
        return CourseFields(
            title=self.title,
            environments=tuple(self.environments),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            timezone=self.timezone,
            memory_bytes=self.memory_bytes,
            cpus=self.cpus,
            processes=self.processes,
            materials=self.materials,
            allows_helping=self.allows_helping,
        )

    @property
    def schedule(self) -> Schedule:
        """Say when it is open."""
        return Schedule(self.opens_at, self.closes_at, self.timezone)


class CourseEnvironment(orm.Base):
    """One environment that a course works in."""

    __tablename__ = "lectern_course_environments"
    __table_args__ = (UniqueConstraint("course_id", "environment"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("lectern_courses.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    environment: Mapped[str] = mapped_column(Unicode(64))


class CourseCode(orm.Base):
    """A sign-up code: opens its course in one role."""

    __tablename__ = "lectern_course_codes"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("lectern_courses.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(Unicode(32))  # as it is shown
    normalised: Mapped[str] = mapped_column(Unicode(32), unique=True)  # as it is looked for
    role: Mapped[str] = mapped_column(Unicode(16))
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    seats: Mapped[int | None] = mapped_column(Integer)  # None: as many as come
    seats_taken: Mapped[int] = mapped_column(Integer, default=0)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    course: Mapped[Course] = relationship(back_populates="codes")

    @property
    def seats_left(self) -> int | None:
        """Give how many may still come; None: as many as want."""
        return None if self.seats is None else max(0, self.seats - self.seats_taken)

    def is_usable(self, now: datetime) -> bool:
        """Say whether the code would let somebody in at `now`, were the course open."""
        expired = self.expires_at is not None and now >= self.expires_at
        return self.revoked_at is None and not expired and self.seats_left != 0


class Grant(orm.Base):
    """A user is in a course's group because a provider says so; `logins.grants` keeps these rows."""

    __tablename__ = "lectern_grants"
    __table_args__ = (UniqueConstraint("user_id", "group", "provider"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    group: Mapped[str] = mapped_column(Unicode(255))
    provider: Mapped[str] = mapped_column(Unicode(255))


# --- courses --------------------------------------------------------------------------------------


def ensure_first_course(db: Session, settings: Settings) -> None:
    """Make the tables and the first course where they are missing; bring older tables up to date."""
    course_migration.migrate(db, [Course, CourseEnvironment, CourseCode])
    Grant.__table__.create(db.get_bind(), checkfirst=True)
    if db.query(Course).first() is None:
        first = settings.environment
        create(db, first, CourseFields(title=first, environments=(first,)))


def create(db: Session, name: str, fields: CourseFields) -> Course:
    """Make a course with a code for participants; the name is free and checked."""
    course = Course(name=name)
    db.add(course)
    set_fields(course, fields)
    add_code(db, course)
    return course


def all_courses(db: Session) -> list[Course]:
    """List the courses in the order they were made: the installation's first one stays the first."""
    return list(db.query(Course).order_by(Course.id))


def find_course(db: Session, name: str) -> Course | None:
    """Find a course by its name."""
    found: Course | None = db.query(Course).filter_by(name=name).one_or_none()
    return found


def require_free(db: Session, name: str) -> None:
    """Refuse the name of a course that is there.

    Raises
    ------
    FieldError
        There is such a course, or a group as it would have: its people must not become members.
    """
    if find_course(db, name) or any(orm.Group.find(db, group) for group in all_groups(name)):
        raise name_is_taken(name)


def delete(db: Session, course: Course) -> None:
    """Delete a course with its codes and groups; people, homes and the shared folder stay."""
    for name in all_groups(course.name):
        group = orm.Group.find(db, name)
        if group is not None:
            db.delete(group)
    db.query(Grant).filter(Grant.group.in_(all_groups(course.name))).delete()
    db.delete(course)
    db.commit()


def set_fields(course: Course, fields: CourseFields) -> None:
    """Make a course what the fields say; the caller commits."""
    course.title = fields.title
    course.opens_at, course.closes_at, course.timezone = fields.opens_at, fields.closes_at, fields.timezone
    course.memory_bytes, course.cpus, course.processes = fields.memory_bytes, fields.cpus, fields.processes
    course.materials = fields.materials
    course.allows_helping = fields.allows_helping
    set_environments(course, fields.environments)


def set_environments(course: Course, environments: Collection[str]) -> None:
    """Give a course these environments, in this order."""
    known = {used.environment: used for used in course.used_environments}
    course.used_environments = [
        known.get(environment) or CourseEnvironment(environment=environment)
        for environment in dict.fromkeys(environments)
    ]
    for position, used in enumerate(course.used_environments):
        used.position = position


# --- codes ----------------------------------------------------------------------------------------


def add_code(
    db: Session,
    course: Course,
    *,
    role: Role = Role.PARTICIPANT,
    seats: int | None = None,
    expires_at: datetime | None = None,
) -> CourseCode:
    """Make a new code for a course."""
    shown = new_code()
    code = CourseCode(
        code=shown,
        normalised=normalise_code(shown),
        role=str(role),
        seats=seats,
        seats_taken=0,
        expires_at=expires_at,
    )
    course.codes.append(code)
    db.commit()
    return code


def find_code(db: Session, typed: str) -> CourseCode | None:
    """Find a code however it is typed, whether or not it still lets anybody in."""
    found: CourseCode | None = (
        db.query(CourseCode).filter_by(normalised=normalise_code(typed)[:32]).one_or_none()
    )
    return found


def find_by_code(db: Session, typed: str) -> Course | None:
    """Find the course that a typed code belongs to."""
    code = find_code(db, typed)
    return code.course if code else None


def revoke(db: Session, code: CourseCode, now: datetime) -> None:
    """End a code; who came in by it stays."""
    code.revoked_at = code.revoked_at or now
    db.commit()


def check_code(db: Session, typed: str, now: datetime) -> CourseCode:
    """Give the code that lets somebody in at `now`.

    Raises
    ------
    UnknownCodeError
        There is no such code.
    CourseClosedError
        There is, and it lets nobody in: revoked, expired, no seat left, course not open.
    """
    code = find_code(db, typed)
    if code is None:
        raise UnknownCodeError(
            to_translate("This course code is not known. Please compare it with the one you were given.")
        )
    title = code.course.title
    if code.revoked_at is not None:
        raise CourseClosedError(
            to_translate("This course code was withdrawn. Please ask your teacher for the new one.")
        )
    if code.expires_at is not None and now >= code.expires_at:
        raise CourseClosedError(
            to_translate("This course code expired on {moment}. Please ask your teacher for a new one."),
            moment=code.course.schedule.say(code.expires_at),
        )
    if code.seats_left == 0:
        raise _full(title)
    # Whoever prepares the course comes in before it opens.
    if code.role == Role.PARTICIPANT and (refusal := code.course.schedule.refusal(title, now)):
        raise refusal
    return code


def take_seat(db: Session, code: CourseCode, now: datetime) -> None:
    """Take one of a code's seats, in the caller's transaction: a rollback gives it back.

    One statement looks and takes, so of any number at once never one more gets in than there are seats.

    Raises
    ------
    CourseClosedError
        The last seat was taken, or the code ended, since it was checked.
    """
    taken = db.execute(
        update(CourseCode)
        .where(
            CourseCode.id == code.id,
            CourseCode.revoked_at.is_(None),
            or_(CourseCode.expires_at.is_(None), CourseCode.expires_at > now),
            or_(CourseCode.seats.is_(None), CourseCode.seats_taken < CourseCode.seats),
        )
        .values(seats_taken=CourseCode.seats_taken + 1)
        .returning(CourseCode.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if taken is None:
        raise _full(code.course.title)
    db.expire(code, ["seats_taken"])


def _full(title: str) -> CourseClosedError:
    return CourseClosedError(
        to_translate("All seats of the course “{title}” are taken. Please ask your teacher."), title=title
    )


# --- members --------------------------------------------------------------------------------------


def enter(db: Session, user: orm.User, typed: str, now: datetime) -> Course:
    """Let somebody with an account into a course by its code; a member of that role needs no seat.

    Whoever is in by a provider's group alone becomes a member by code, and stays when the group goes.

    Raises
    ------
    UnknownCodeError, CourseClosedError
        With a sentence for the person who typed.
    """
    known = find_code(db, typed)
    groups = group_names(user)
    granted = {name for (name,) in db.query(Grant.group).filter_by(user_id=user.id)}
    if known is not None and _has_role(known, groups - granted):
        return known.course
    try:
        code = check_code(db, typed, now)
        take_seat(db, code, now)
    except CourseClosedError:
        if known is not None and _has_role(known, groups):
            return known.course  # in by the provider's group, for as long as that lasts
        raise
    join(db, user, code.course, role=Role(code.role))
    return code.course


def _has_role(code: CourseCode, groups: Collection[str]) -> bool:
    present = role_in(code.course.name, groups)
    return present is not None and present.rank >= Role(code.role).rank


def join(db: Session, user: orm.User, course: Course, *, role: Role = Role.PARTICIPANT) -> None:
    """Put somebody into a course's groups for a role, for good: no provider takes it away. Idempotent."""
    groups = groups_of(course.name, role)
    db.query(Grant).filter(Grant.user_id == user.id, Grant.group.in_(groups)).delete()
    for name in groups:
        group = orm.Group.find(db, name)
        if group is None:
            group = orm.Group(name=name)
            db.add(group)
        if user not in group.users:
            group.users.append(user)
    db.commit()


def leave(db: Session, user: orm.User, course: Course) -> None:
    """Take somebody out of all of a course's groups; the account and the home stay."""
    for name in all_groups(course.name):
        group = orm.Group.find(db, name)
        if group is not None and user in group.users:
            group.users.remove(user)
    db.commit()


def course_of(db: Session, group_names: Collection[str]) -> Course | None:
    """Find the course that somebody with these groups works in; the oldest of several."""
    known = all_courses(db)
    return next((course for course in known if names.course_group(course.name) in group_names), None)
