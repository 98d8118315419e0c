"""The example environment with LaTeX builds, and sets a paper in a template of its own."""

from tests.support.builder import Builder
from tests.support.stack import ROOT


def test_the_environment_for_papers_builds_and_holds_what_it_promises(stack):
    builder = Builder(stack)

    builder.build(ROOT / "environments/paper")  # check.md sets a paper with the template of templates/

    builder.inside(builder.image("paper", builder.releases("paper")[-1]["commit"]), "/srv/env/verify")
