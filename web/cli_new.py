"""Begins somebody's own scenario: a small one, in a file."""

from pathlib import Path

from sim import template
from sim.scenario_file import ScenarioFileError

CLASS = "Moths"


def begin(file: Path) -> str:
    """A sentence that says what to do next; raises ScenarioFileError where it cannot be written."""
    if file.suffix != ".py":
        raise ScenarioFileError(str(file), "its name must end in .py")
    text = Path(template.__file__).read_text(encoding="utf-8").replace("FILE", str(file), 1)
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise ScenarioFileError(str(file), "it is there already, and left as it is") from None
    except OSError as error:
        raise ScenarioFileError(str(file), f"it cannot be written: {error.strerror}") from None
    return f"{file} is written. See it: stagewatch serve --run {file}:{CLASS}"
