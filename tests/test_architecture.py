"""The rules that keep the folders readable: direction of imports, no circles, short files."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KNOWS = {"sim": {"sim"}, "actors": {"sim", "actors"}, "web": {"sim", "actors", "web"}}
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "manager", "misc"}
# Modules of web.py, which installs a top-level package `web` too.
WEB_PY = {
    "application", "browser", "db", "debugerror", "form", "http", "httpserver", "net",
    "py3helpers", "session", "template", "test", "webapi", "webopenid", "wsgi",
}  # fmt: skip


def modules() -> list[Path]:
    return sorted(path for folder in KNOWS for path in (ROOT / folder).rglob("*.py"))


def sources() -> list[Path]:
    python = [*modules(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "loadtests").rglob("*.py")]
    script = [*(ROOT / "web").rglob("*.js"), *(ROOT / "tests").rglob("*.js")]
    return sorted(p for p in python + script if not {"vendor", "node_modules"} & set(p.parts))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, type-only imports and those inside functions counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_a_folder_imports_only_from_itself_and_those_below(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]

    foreign = {name.split(".")[0] for name in imported(path)} & {*KNOWS, "tests", "loadtests"}

    assert foreign <= KNOWS[folder]


def test_imports_make_no_circle() -> None:
    names = {module_name(path) for path in modules()}
    graph = {module_name(path): names & set(imported(path)) for path in modules()}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"modules import one another: {' → '.join(circle.args[1])}")


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_a_function_is_short(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}

    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}


def test_no_module_has_a_name_that_says_nothing_or_belongs_to_another() -> None:
    stems = {module_name(path) for path in modules()}

    assert {name for name in stems if name.split(".")[-1] in FORBIDDEN_NAMES} == set()
    assert {name for name in stems if name.removeprefix("web.") in WEB_PY} == set()


def test_packages_hold_nothing_but_their_docstring() -> None:
    for path in modules():
        if path.name == "__init__.py":
            body = ast.parse(path.read_text()).body
            assert len(body) == 1, f"{path} holds code"
            assert isinstance(body[0], ast.Expr)


def test_the_server_never_imports_locust() -> None:
    for path in [*modules(), *(ROOT / "tests").rglob("*.py")]:
        assert not {name.split(".")[0] for name in imported(path)} & {"locust", "gevent"}
