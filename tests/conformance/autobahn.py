"""Runs the Autobahn test suite's fuzzing client against the echo server.

    python -m tests.conformance.autobahn            all cases, about nine minutes
    python -m tests.conformance.autobahn '6.*' 9.1.1

The suite is for Python 2.7. It is fetched as its authors publish it, converted by lib2to3 (which
Python has up to 3.12), and kept with an environment of its own in reports/autobahn.
"""

import asyncio
import json
import re
import subprocess
import sys
import tarfile
from collections import Counter, defaultdict
from pathlib import Path

import click

from tests.conformance.echo_server import echo_settings, echoing

FOLDER = Path("reports/autobahn")
SUITE, LIBRARIES = "autobahntestsuite==0.8.2", ("autobahn==0.10.9", "txaio==2.1.0")
TOOLS = ("setuptools<70", "six", "twisted", "pyopenssl", "service_identity", "jinja2", "wsaccel")
PASSED = {"OK", "INFORMATIONAL"}
# What lib2to3 leaves: file, what stands there, what must stand there.
CHANGES = (
    ("autobahntestsuite/__init__.py", r"(?s).*", 'version = "0.8.2"\n'),
    ("autobahntestsuite/case/__init__.py", r"from \.case9_9_1 import \*", ""),  # in no list
    ("autobahntestsuite/case/case*.py", r"\(object, Case, \)", "(Case,)"),
    ("autobahntestsuite/case/case10_1_1.py", r" / self\.p", " // self.p"),
    (
        "autobahntestsuite/case/case6_x_x.py",
        r"v\.validate\(vss\[:i\]\)",
        'v.validate(vss[:i].encode("latin-1"))',
    ),
    (
        "autobahntestsuite/case/case6_2_*.py",
        r'(PAYLOAD[12]? = "[^"]*")',
        r'\1.encode().decode("latin-1")',
    ),
    ("autobahn/websocket/protocol.py", r"payload_len / len", "payload_len // len"),
)


def prepare(folder: Path) -> None:
    """Fetches and converts the suite, once."""
    ready = folder / "ready"
    if ready.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    run(sys.executable, "-m", "venv", "--clear", str(folder / "venv"))
    pip = (str(folder / "venv/bin/pip"), "--quiet", "--disable-pip-version-check")
    run(*pip, "install", *TOOLS)
    sources_only = ("--no-deps", "--no-binary", ":all:", "--dest", str(folder))
    run(*pip, "download", *sources_only, SUITE, *LIBRARIES)
    for archive in folder.glob("*.tar.gz"):
        with tarfile.open(archive) as files:
            files.extractall(folder / "src", filter="data")
    sources = folder / "suite"
    sources.mkdir(exist_ok=True)
    for package in ("autobahntestsuite", "autobahn", "txaio"):
        (found,) = folder.glob(f"src/{package}-[0-9]*/{package}")
        found.rename(sources / package)
    suite = str(sources / "autobahntestsuite")
    run(sys.executable, "-W", "ignore", "-m", "lib2to3", "--write", "--nobackups", suite)
    for pattern, old, new in CHANGES:
        for path in sources.glob(pattern):
            path.write_text(re.sub(old, new, path.read_text("utf-8")), "utf-8")
    ready.touch()


def run(*command: str) -> None:
    """A step of the preparation; its output is shown where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


async def fuzz(folder: Path, cases: tuple[str, ...]) -> None:
    """Lets the fuzzing client put the cases to an echo server of this process."""
    client = Path(__file__).with_name("autobahn_client.py").resolve()
    async with echoing(echo_settings()) as echo:
        process = await asyncio.create_subprocess_exec(
            str((folder / "venv/bin/python").absolute()),
            "-P",  # this module has the name of one of the suite's
            str(client),
            f"ws://127.0.0.1:{echo.port}",
            str((folder / "report.json").absolute()),
            *cases,
            env={
                "PYTHONPATH": str((folder / "suite").absolute()),
                "PYTHONWARNINGS": "ignore",
                "PYTHONUNBUFFERED": "1",
            },
        )
        if await process.wait():
            raise click.ClickException("the fuzzing client failed; see above")


@click.command()
@click.argument("cases", nargs=-1)
def main(cases: tuple[str, ...]) -> None:
    """Put CASES of the Autobahn test suite, or all, to the echo server."""
    prepare(FOLDER)
    asyncio.run(fuzz(FOLDER, cases or ("*",)))
    results = json.loads((FOLDER / "report.json").read_text())
    table: dict[str, Counter[str]] = defaultdict(Counter)
    failed = []
    for result in results:
        table[result["id"].split(".")[0]][result["behavior"]] += 1
        if not {result["behavior"], result["behaviorClose"]} <= PASSED:
            failed.append(result)
    for category, counts in table.items():
        click.echo(f"{category:>3}  " + ", ".join(f"{n} {name}" for name, n in counts.items()))
    for result in failed:
        click.echo(f"{result['id']}: {result['behavior']}, closing {result['behaviorClose']}")
    click.echo(f"{len(results)} cases, {len(failed)} not passed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
