import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve.loosen import loosen, loosened
from lectern.builder.resolve.refusals import Reason

FILE = """\
dependencies:
  - numpy=1.21  # as in the book
  - pandas >=1,<2
  - "scipy==1.7"
  - conda-forge::xarray[io]=2022.3=py39_0
  - pip:
    - seaborn==0.9; python_version < "4"
    - lab @ git+https://example.org/lab@main
  - plain
"""


def test_only_the_versions_in_the_way_are_taken_off():
    lines = (2, 3, 4, 5, 7, 8, 9)
    reasons = [Reason(f"environment.yml:{line}", "") for line in lines]

    assert (
        loosen(FILE, "environment.yml", reasons)
        == """\
dependencies:
  - numpy  # as in the book
  - pandas
  - "scipy"
  - conda-forge::xarray[io]
  - pip:
    - seaborn ; python_version < "4"
    - lab @ git+https://example.org/lab@main
  - plain
"""
    )


def test_lines_of_other_files_and_other_lines_stay():
    assert (
        loosen(FILE, "environment.yml", [Reason("requirements.txt:2", ""), Reason("environment.yml:99", "")])
        == FILE
    )


@given(st.text(), st.integers(1, 5))
def test_no_text_loses_more_than_one_line_has(text, line):
    loosened = loosen(text, "x", [Reason(f"x:{line}", "")])

    assert len(loosened.splitlines()) == len(text.splitlines())


def test_the_file_that_the_reasons_name_is_given(tmp_path):
    (tmp_path / "requirements.txt").write_text("numpy==1.0\npandas==1.0\n")

    assert loosened(tmp_path, [Reason("requirements.txt:2", "is gone")]) == "numpy==1.0\npandas\n"
    assert loosened(tmp_path, [Reason("absent.txt:2", "is gone")]) == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_file_is_read_in_the_encodings_of_declarations(tmp_path, encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "requirements.txt").write_bytes(f"{mark}fiona==1.8  # é\r\npandas==1.0\r\n".encode(encoding))

    assert loosened(tmp_path, [Reason("requirements.txt:1", "is gone")]) == "fiona  # é\npandas==1.0\n"
