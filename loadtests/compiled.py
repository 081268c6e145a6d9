"""Small C programs, compiled when they are needed."""

import shutil
import subprocess
from pathlib import Path


class NotCompiledError(Exception):
    """A program that this machine cannot make; the text is the cause."""


def compiled(source: Path, folder: Path) -> Path:
    """The program, made in the folder; raises NotCompiledError."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NotCompiledError("there is no C compiler here")
    program = folder / source.stem
    command = [compiler, "-O2", "-Wall", "-Wextra", "-o", str(program), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotCompiledError(f"{source.name} does not compile: {done.stderr.strip()}")
    return program
