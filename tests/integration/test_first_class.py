"""From the join link to a result: what everybody does in the first ten minutes."""

import pytest

from tests.support.participant import Participant


@pytest.fixture(scope="module")
def ada(stack):
    with stack.at_work() as someone:
        yield someone


def test_the_join_link_shows_the_sign_up_form(stack):
    course = stack.course()
    nobody = Participant(stack.url, "nobody", "-")

    page = nobody.http.get(course["join_url"])

    assert page.status_code == 200
    for field in ("username", "signup_password", "signup_password_confirmation", "code", "_xsrf"):
        assert f'name="{field}"' in page.text
    assert course["code"] in page.text


def test_a_python_cell_gives_the_right_result(ada):
    cell = ada.run("import pandas as pd\nint(pd.DataFrame({'a': [1, 2, 39]})['a'].sum())")

    assert (cell.text.strip(), cell.error) == ("42", "")


def test_an_r_cell_gives_the_right_result(ada):
    cell = ada.run("cat(sum(c(1, 2, 39)))", kernel_name="ir")

    assert (cell.text.strip(), cell.error) == ("42", "")


def test_a_second_log_in_with_the_password_reaches_the_same_server(ada):
    again = Participant(ada.url, ada.name, ada.password)
    again.log_in()

    assert again.http.get(f"{again.home_url}lab").status_code == 200
    again.close()


def test_a_wrong_password_is_refused_with_a_message(ada):
    answer = Participant(ada.url, ada.name, "-").post_log_in("wrong password")

    assert answer.status_code in (200, 401, 403)  # JupyterHub shows its form again
    assert "nvalid" in answer.text


def test_after_logging_out_the_server_wants_a_log_in(ada):
    again = Participant(ada.url, ada.name, ada.password)
    again.log_in()
    again.log_out()

    assert "/hub/login" in str(again.http.get("/hub/home").url)
    again.close()
