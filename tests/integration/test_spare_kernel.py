"""The kernel that is started ahead is, for its notebook, a fresh one."""

import pytest

from lectern import names
from tests.support.stack import docker, wait_until

SAYS = "import os; print(os.getcwd(), os.environ['JPY_SESSION_NAME'], __session__, _dh[0], len(In))"


@pytest.fixture
def ada(stack):
    with stack.at_work("spare") as someone:
        wait_until(lambda: "ipykernel_launcher" in processes(stack, someone), "a kernel ahead", timeout_s=90)
        yield someone


def processes(stack, someone) -> str:
    return docker("top", names.workspace_container(stack.project, someone.name))


def open_notebook(ada, path: str) -> str:
    """Open a notebook as JupyterLab does, and give its kernel."""
    answer = ada.request(
        "POST",
        f"{ada.home_url}api/sessions",
        json={
            "path": path,
            "name": path.rpartition("/")[2],
            "type": "notebook",
            "kernel": {"name": "python3"},
        },
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["kernel"]["id"]


def kernels(ada) -> list[dict]:
    return ada.request("GET", f"{ada.home_url}api/kernels").json()


def test_the_first_notebook_gets_it_with_folder_and_name_and_the_second_its_own(stack, ada):
    ada.request("PUT", f"{ada.home_url}api/contents/week1", json={"type": "directory"})
    assert kernels(ada) == []  # nobody's kernel is in no list

    first = open_notebook(ada, "week1/a.ipynb")

    assert processes(stack, ada).count("ipykernel_launcher") == 1
    folder = "/home/jovyan/week1"
    assert ada.execute(first, SAYS).text.split() == [
        folder, f"{folder}/a.ipynb", f"{folder}/a.ipynb", folder, "2",
    ]  # fmt: skip
    assert ada.execute(first, "print(sorted(n for n in dir() if n[0] != '_'))").text.strip() == str(
        ["In", "Out", "exit", "get_ipython", "open", "os", "quit"]
    )
    second = open_notebook(ada, "b.ipynb")
    assert ada.execute(second, "import os; print(os.getcwd())").text.strip() == "/home/jovyan"
    assert [kernel["id"] for kernel in kernels(ada)] == [first, second]


def test_it_is_interrupted_and_restarted_as_any_other(ada):
    ada.request("PUT", f"{ada.home_url}api/contents/week2", json={"type": "directory"})
    kernel = open_notebook(ada, "week2/a.ipynb")
    ada.execute(kernel, "x = 1")

    restarted = ada.request("POST", f"{ada.home_url}api/kernels/{kernel}/restart")

    assert restarted.status_code == 200, restarted.text
    assert ada.execute(kernel, "x").error.startswith("NameError")
    said = ada.execute(kernel, "import os; print(os.getcwd(), os.environ['JPY_SESSION_NAME'])").text
    assert said.split() == ["/home/jovyan/week2", "/home/jovyan/week2/a.ipynb"]
