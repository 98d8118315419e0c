"""Cells without a main program become programs, and unfinished cells are told from finished ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.languages.catalogue import read_catalogue
from lectern.builder.languages.kernel.syntax import is_complete, make_program, terminate

RECIPES = {key: language.recipe for key, language in read_catalogue().items() if language.recipe}
WRAPPED = sorted(key for key, recipe in RECIPES.items() if recipe.wrapping)


def program(key, code):
    return make_program(code, RECIPES[key].wrapping, RECIPES[key].syntax)


def outside_and_inside(key, code, main):
    outside, _, inside = program(key, code).partition(main)
    return outside, inside


def test_a_cell_with_main_stays_as_it_is():
    code = "#include <stdio.h>\nint main(void) { return 0; }"

    assert program("c", code) == code


def test_main_in_a_text_or_comment_is_no_main():
    assert program("c", 'puts("int main(");  // int main(').count("int main(void)\n{") == 1


@pytest.mark.parametrize(
    "part",
    [
        "#include <time.h>",
        "#define SQUARE(x) \\\n    ((x) * (x))",
        "int square(int x) { return x * x; }",
        "static double half(double x)\n{\n    return x / 2;\n}",
        "struct point { int x; int y; } origin;",
        "typedef struct { int x; } point;",
        "enum colour { RED, GREEN };",
    ],
)
def test_what_c_wants_outside_of_main_goes_there(part):
    outside, inside = outside_and_inside("c", f"int before = 1;\n{part}\nint after = 2;", "int main(void)")

    assert part in outside
    assert part not in inside
    assert "int before = 1;" in inside
    assert "int after = 2;" in inside


@pytest.mark.parametrize(
    "statement",
    [
        'for (int i = 0; i < 3; i++) { puts("x"); }',
        'if (1) { puts("a"); } else { puts("b"); }',
        'do { puts("a"); } while (0);',
        "int values[] = {1, 2, 3};",
        'puts("int f() { }");',
        "while (0) { }",
    ],
)
def test_statements_stay_inside_of_main(statement):
    outside, inside = outside_and_inside("c", statement, "int main(void)")

    assert statement in inside
    assert statement not in outside


@pytest.mark.parametrize(
    "part",
    [
        "using namespace std;",
        "template <typename T> T twice(T x) { return x + x; }",
        "class Dog { public: int legs() { return 4; } };",
        "std::vector<int> none() { return {}; }",
        "namespace a { int b; }",
    ],
)
def test_what_cpp_wants_outside_of_main_goes_there(part):
    outside, _ = outside_and_inside("cpp", f"int before = 1;\n{part}", "int main()")

    assert part in outside


def test_go_ends_statements_with_their_lines():
    code = 'import "fmt"\n\nfunc twice(x int) int {\n\treturn 2 * x\n}\n\nx := 21\nfmt.Println(twice(x))'
    outside, inside = outside_and_inside("go", code, "func main()")

    assert 'import "fmt"' in outside
    assert "func twice" in outside
    assert "x := 21" in inside
    assert "fmt.Println" in inside


def test_a_cell_that_looks_like_the_template_stays_as_it_is():
    assert 'puts("{body}");' in program("c", '#define A "{body}"\nputs("{body}");')


def test_a_compiler_is_told_the_cells_own_lines():
    assert '#line 3 "cell"\nint x = nothing;' in program("c", "#include <time.h>\n\nint x = nothing;")


@pytest.mark.parametrize("key", WRAPPED)
@given(code=st.text(alphabet="ab(){};\"'\\\n #/*", max_size=60))
def test_wrapping_loses_no_letter_of_any_cell(key, code):
    made = program(key, code)

    assert all(made.count(letter) >= code.count(letter) for letter in set(code) - set(" \n"))


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("c", "int f() {"),
        ("c", 'puts("a'),
        ("c", "/* a"),
        ("ruby", "def f"),
        ("ruby", "loop do"),
        ("lua", "for i = 1, 3 do"),
        ("bash", "for x in 1 2; do"),
        ("bash", "echo \\"),
        ("sqlite", "SELECT 1"),
        ("prolog", "parent(a, b)"),
        ("commonlisp", "(defun f (x)"),
        ("javascript", "const f = `a"),
        ("haskell", "{- a"),
    ],
)
def test_a_cell_that_goes_on_is_incomplete(key, code):
    assert not is_complete(code, RECIPES[key].syntax)


@pytest.mark.parametrize("key", sorted(RECIPES))
def test_each_languages_hello_is_complete(key):
    assert is_complete(read_catalogue()[key].hello, RECIPES[key].syntax)


@pytest.mark.parametrize("key", sorted(RECIPES))
@given(code=st.text(max_size=80))
def test_completeness_has_an_answer_for_any_text(key, code):
    assert is_complete(code, RECIPES[key].syntax) in {True, False}


def test_an_interpreter_that_waits_for_a_terminator_gets_it():
    syntax = RECIPES["maxima"].syntax

    assert terminate("x + 1", syntax) == "x + 1\n;"
    assert terminate("x: 1$", syntax) == "x: 1$"
    assert terminate("x: 1$ /* one */", syntax) == "x: 1$ /* one */"
