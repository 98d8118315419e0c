"""A database in memory, which the hub's tables come into."""

import pytest
from jupyterhub import orm


@pytest.fixture
def session():
    """Give JupyterHub's own tables, empty."""
    made = orm.new_session_factory("sqlite:///:memory:")()
    yield made
    made.close()
    made.get_bind().dispose()


@pytest.fixture
def ada(db):
    """Give somebody with an account, in the test's own `db`."""
    user = orm.User(name="ada")
    db.add(user)
    db.commit()
    return user
