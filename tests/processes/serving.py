"""A real server process with its workers, and a client that waits for what it wants to see."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 20.0  # seconds for anything that a test waits for
_READY = re.compile(r"ready at http://127\.0\.0\.1:(\d+) ")
_QUICK = {
    "STAGEWATCH_WORKERS__BACKOFF": "0.05",
    "STAGEWATCH_WORKERS__BACKOFF_MOST": "0.1",
    "STAGEWATCH_LIMITS__MESSAGES_PER_CONNECTION": "0",
    "STAGEWATCH_LIMITS__MESSAGES_PER_IP": "0",
    "STAGEWATCH_RECORDING__BATCH_SECONDS": "0.1",
    "STAGEWATCH_RECORDING__CHECKPOINT_TICKS": "20",
}

Message = dict[str, Any]


class Serving:
    """`stagewatch serve` as a child process."""

    def __init__(
        self, process: asyncio.subprocess.Process, port: int, data_dir: Path, log: Path
    ) -> None:
        self.process = process
        self.port = port
        self.data_dir = data_dir
        self.log = log

    @classmethod
    async def start(
        cls, data_dir: Path, *runs: str, port: int = 0, **settings: object
    ) -> "Serving":
        """Returns when it has printed that it is ready."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STAGEWATCH_")}
        environment |= {**_QUICK, "STAGEWATCH_DATA_DIR": str(data_dir)}
        for key, value in settings.items():
            environment[f"STAGEWATCH_{key.upper()}"] = str(value)
        log = data_dir.parent / f"{data_dir.name}.log"
        wishes = [word for run in runs for word in ("--run", run)]
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "web.cli", "serve", "--port", str(port), *wishes,
                stdout=asyncio.subprocess.PIPE, stderr=errors, env=environment,
            )  # fmt: skip
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = (await process.stdout.readline()).decode()
        found = _READY.search(line)
        assert found is not None, f"it said {line!r}; {log.read_text()}"
        return cls(process, int(found[1]), data_dir, log)

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator["Client"]:
        """A connection to the demo endpoint."""
        url = f"ws://127.0.0.1:{self.port}/api/v1/ws/demo"
        async with connect(url, max_size=None) as socket:
            client = Client(socket)
            await client.subscribe("run.*.state", "run.*.tick")
            yield client

    async def remove(self) -> None:
        """Leaves no process behind, whatever happened."""
        fronts: list[psutil.Process] = []
        if self.process.returncode is None:
            fronts = psutil.Process(self.process.pid).children()
            self.process.kill()
            await self.process.wait()
        for front in fronts:
            with contextlib.suppress(psutil.NoSuchProcess):
                front.kill()
        for worker in workers_in(self.data_dir):
            worker.kill()
            await gone(worker)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit status, after the signal."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


class Client:
    """Speaks JSON; keeps what it hears until it is waited for."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Message] = []
        self._asked = 0

    async def query(self, name: str, **params: object) -> Any:
        return await self._ask("query", name, params)

    async def command(self, name: str, **params: object) -> Any:
        return await self._ask("command", name, params)

    async def subscribe(self, *events: str, **options: object) -> Any:
        return await self._send({"type": "subscribe", "events": list(events), **options})

    async def event(self, wanted: Callable[[Message], bool]) -> Message:
        """The next event that is wanted, or one that came before and was not waited for."""

        def search() -> Message | None:
            for place, message in enumerate(self.heard):
                if message["type"] == "event" and wanted(message["event"]):
                    del self.heard[: place + 1]
                    return dict(message["event"])
            return None

        return await self._until(search)

    async def message(self, kind: str, topic: str) -> Message:
        """The next message of this type and topic."""

        def search() -> Message | None:
            for place, message in enumerate(self.heard):
                if (message["type"], message.get("topic")) == (kind, topic):
                    return self.heard.pop(place)
            return None

        return await self._until(search)

    async def state(self, run: str, state: str) -> Message:
        """The event by which the run enters the state."""
        topic = f"run.{run}.state"
        return await self.event(lambda e: e["topic"] == topic and e["data"]["state"] == state)

    async def tick(self, run: str, number: int) -> Message:
        """The tick of that number or the first later one."""
        return await self.event(lambda e: e["topic"] == f"run.{run}.tick" and e["tick"] >= number)

    async def run(self, place: int = 0, number: int = 1) -> str:
        """The name of a run, by the order of beginning, once so many of them make ticks."""
        ticked: set[str] = set()

        def new(event: Message) -> bool:
            return event["topic"] not in ticked

        while True:
            found = (await self.query("runs.list"))["runs"]
            ready = [r for r in found if r["state"] == "running" and r["tick"] > 0]
            if len(ready) >= number:
                return str(sorted(ready, key=lambda r: r["started_at"])[place]["run"])
            topic = (await self.event(lambda e: e["topic"].endswith(".tick") and new(e)))["topic"]
            ticked.add(topic)

    async def _ask(self, kind: str, name: str, params: Message) -> Any:
        return await self._send({"type": kind, kind: name, "params": params})

    async def _send(self, message: Message) -> Any:
        self._asked += 1
        id_ = f"t{self._asked}"
        await self.socket.send(json.dumps({**message, "id": id_}))

        def search() -> Message | None:
            return next((m for m in self.heard if m.get("id") == id_), None)

        answer = await self._until(search)
        self.heard.remove(answer)
        if answer["type"] == "error":
            raise RefusedError(answer["code"], answer["message"])
        return answer["result"]

    async def _until(self, search: Callable[[], Message | None]) -> Message:
        async with asyncio.timeout(PATIENCE):
            while (found := search()) is None:
                await self._listen()
        return found

    async def _listen(self) -> None:
        message = json.loads(await self.socket.recv())
        if message["type"] == "event":
            self.heard += [{"type": "event", "event": event} for event in message["events"]]
        else:
            self.heard.append(message)


class RefusedError(Exception):
    """The server answered with an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


def workers_of(run: str) -> list[psutil.Process]:
    """Every process that works on the run."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if {"web.worker", run} <= set(process.info["cmdline"] or ())
    ]


def workers_in(data_dir: Path) -> list[psutil.Process]:
    """Every process that works on a run of the data folder."""
    runs = [path.parent.name for path in data_dir.glob("*/lock")]
    return [process for run in runs for process in workers_of(run)]


def worker_of(run: str) -> psutil.Process:
    """The one process that works on the run."""
    found = workers_of(run)
    assert len(found) == 1, f"{run} has {len(found)} workers"
    return found[0]


async def gone(process: psutil.Process) -> None:
    """Until the process has ended."""
    await asyncio.to_thread(process.wait, PATIENCE)
