"""The files of the page and of the browser's client, held in memory, plain and compressed."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("client", "dashboard")
INDEX = "dashboard/index.html"
PLACEHOLDER = b"{{ version }}"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
    ".yaml": "application/yaml",
}
_PACKED_ALREADY = (".png", ".woff2")
_WORTH_IT = 500  # bytes; smaller ones are sent as they are
# Comments that have their lines to themselves, which is a quarter of what the browser would load.
_COMMENT = re.compile(rb"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class File:
    """`packed` is the body with gzip, None where that is no gain."""

    body: bytes
    packed: bytes | None
    type: str
    tag: str


@dataclass(frozen=True, slots=True)
class Pages:
    """All files by path, such as `dashboard/main.js`; `version` changes with any of them."""

    version: str
    files: dict[str, File]

    @property
    def index(self) -> File | None:
        """The page itself."""
        return self.files.get(INDEX)


def read_pages(root: Path) -> Pages:
    """Reads the folders of the page below `root`. Blocks: to be called on a thread."""
    bodies = {
        path.relative_to(root).as_posix(): _read(path)
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in TYPES and path.is_file() and "node_modules" not in path.parts
    }
    whole = hashlib.blake2b(digest_size=8)
    for name, body in bodies.items():
        whole.update(f"{name}\0{len(body)}\0".encode() + body)
    version = whole.hexdigest()
    if INDEX in bodies:
        bodies[INDEX] = bodies[INDEX].replace(PLACEHOLDER, version.encode())
    return Pages(version, {name: file_of(name, body) for name, body in bodies.items()})


def _read(path: Path) -> bytes:
    """The file; a module of ours without its comments, every line where it was."""
    body = path.read_bytes()
    if path.suffix != ".js" or "vendor" in path.parts:
        return body
    return _COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), body)


def file_of(name: str, body: bytes) -> File:
    """The file as it is sent; `name` tells its type."""
    suffix = Path(name).suffix
    packed = None
    if suffix not in _PACKED_ALREADY and len(body) >= _WORTH_IT:
        packed = gzip.compress(body, mtime=0)
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    return File(body, packed, TYPES[suffix], tag)
