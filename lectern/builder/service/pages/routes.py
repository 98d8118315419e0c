"""The addresses of the builder's pages."""

from __future__ import annotations

from typing import Any

from tornado.web import RedirectHandler

from lectern.builder.service.addresses import PREFIX
from lectern.builder.service.pages import build, environment, listing
from lectern.web import assets

_NAME = rf"{PREFIX}/([a-z0-9][a-z0-9-]*)"
_COMMIT = "([0-9a-f]{40,64})"
_TAG = "([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})"  # what Docker takes as one


def routes() -> list[tuple[Any, ...]]:
    """Give all of them, as tornado takes them."""
    return [
        (rf"{PREFIX}/static/{assets.PATTERN}", assets.AssetHandler),
        (PREFIX, RedirectHandler, {"url": f"{PREFIX}/"}),
        (rf"{PREFIX}/", listing.ListHandler),
        (rf"{PREFIX}/new", listing.NewHandler),
        (rf"{_NAME}/", environment.EnvironmentHandler),
        (rf"{_NAME}/publish", environment.PublishHandler),
        (rf"{_NAME}/build", environment.BuildHandler),
        (rf"{_NAME}/refresh", environment.RefreshHandler),
        (rf"{_NAME}/schedule", environment.ScheduleHandler),
        (rf"{_NAME}/edit", environment.EditHandler),
        (rf"{_NAME}/delete", environment.DeleteHandler),
        (rf"{_NAME}/diff", environment.DiffHandler),
        (rf"{_NAME}/packages/{_TAG}", environment.PackagesHandler),
        (rf"{_NAME}/logs/{_COMMIT}", environment.LogHandler),
        (rf"{_NAME}/builds/([0-9]{{1,12}})", build.BuildPageHandler),
        (rf"{_NAME}/builds/([0-9]{{1,12}})/lines", build.LinesHandler),
        (rf"{_NAME}/builds/([0-9]{{1,12}})/cancel", build.CancelHandler),
    ]
