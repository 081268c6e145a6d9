"""Scenarios of somebody's own files, as the settings name them."""

from collections.abc import Iterable

from sim.catalogue import Catalogue
from sim.scenario_file import ScenarioFileError, load_source, split_source
from web.config import Settings
from web.setting import SettingError


def catalogue_of(settings: Settings, sources: Iterable[str] = ()) -> Catalogue:
    """All scenarios, with those of the settings and of these sources.

    Raises SettingError, and ScenarioFileError where two have the same name.
    """
    named = [_source(text) for text in settings.scenarios]
    return Catalogue.of(dict.fromkeys([*named, *sources]))


def _source(text: str) -> str:
    what = "files with their class, such as mine.py:Mine"
    try:
        source, params = split_source(text)
        load_source(source)
    except ScenarioFileError as error:
        raise SettingError("scenarios", text, f"{what}; {error}") from None
    if params:
        raise SettingError("scenarios", text, f"{what}, and no parameters")
    return source
