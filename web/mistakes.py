"""The errors that are somebody's to put right: one line of text, and no traceback."""

from sim.catalogue import UnknownScenario
from sim.design import SweepError
from sim.export import ExportError
from sim.parameters import ParameterError
from sim.recording import RecordingError
from sim.scenario_file import ScenarioFileError
from web.errors import Refusal
from web.secret import DataFolderError
from web.server_errors import DataFolderTakenError, PortTakenError
from web.setting import SettingError, UnknownSetting

MISTAKES = (
    DataFolderError,
    DataFolderTakenError,
    ExportError,
    ParameterError,
    PortTakenError,
    RecordingError,
    Refusal,
    ScenarioFileError,
    SettingError,
    SweepError,
    UnknownScenario,
    UnknownSetting,
)
