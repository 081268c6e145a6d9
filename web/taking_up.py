"""What a worker runs: a scenario from its beginning or its record, a fork, or a replay."""

import logging
import time
from dataclasses import replace
from pathlib import Path

import msgspec

from sim.catalogue import scenario_class
from sim.forking import branch
from sim.manifest import MANIFEST, Manifest, read_manifest
from sim.packing import wire
from sim.parameters import build
from sim.rebuilding import TimeMachineError, begun
from sim.recording import EventRow, Recording
from sim.replaying import Replaying, wait_for
from sim.scenario_file import load_source
from sim.simulation import Simulation
from web.desk import perturbation
from web.launch import ForkOf, Launch
from web.versions import versions

log = logging.getLogger(__name__)


def simulation_of(launch: Launch) -> Simulation | Replaying:
    """What is to be run, its record begun where there is none. Blocks.

    Raises UnknownScenario, ScenarioFileError, ParameterError, PerturbationError and RecordingError.
    """
    folder = Path(launch.folder)
    if launch.replay is not None:
        source = Path(launch.replay.folder)
        return Replaying(source, launch.replay.tick, clock=time.monotonic_ns)
    if (folder / MANIFEST).exists():
        return _gone_on(launch, folder)
    if launch.fork is not None:
        return _forked(launch, launch.fork, folder)
    found = load_source(launch.source) if launch.source else scenario_class(launch.scenario)
    scenario = build(found, launch.params)
    simulation = Simulation(scenario, launch.seed, clock=time.monotonic_ns)
    _create(folder, _manifest(launch), launch).close()
    return simulation


def is_finished(launch: Launch) -> bool:
    """Whether the record says that the run was told to stop."""
    if launch.replay is not None:
        return False
    with Recording.open(Path(launch.folder)) as record:
        topic = f"run.{launch.run}.state"
        position = record.positions().get(topic)
        rows = record.events(topic, position[1], position[1], 1) if position else []
    return any(msgspec.msgpack.decode(row.data)["state"] == "finished" for row in rows)


def _gone_on(launch: Launch, folder: Path) -> Simulation:
    manifest = read_manifest(folder)
    with Recording.open(folder, "append", max_bytes=launch.recording.max_bytes) as record:
        is_lost = manifest.parent is not None and record.last_checkpoint() is None
    name, here = Path(launch.source.rpartition(":")[0]).name, versions(launch.source)
    if manifest.versions.get(name, here.get(name)) != here.get(name):
        log.warning("%s goes on with another %s than it began with", launch.run, name)
    if not is_lost:
        return begun(manifest, clock=time.monotonic_ns)
    if launch.fork is None:
        raise TimeMachineError(f"{folder} is a fork whose beginning was not recorded; fork again")
    return _forked(launch, launch.fork, folder)


def _forked(launch: Launch, fork: ForkOf, folder: Path) -> Simulation:
    """The fork's first checkpoint has all that it begins with."""
    source = Path(fork.folder)
    wait_for(source, fork.tick)
    simulation, manifest = branch(
        source, fork.tick, launch.run, fork.params, fork.seed, clock=time.monotonic_ns
    )
    manifest = replace(manifest, epoch=launch.epoch, created=launch.created)
    events: tuple[EventRow, ...] = ()
    if fork.change:
        made = perturbation("agent.perturb", fork.change, fork.by)
        simulation.perturb(made.agent, made.change)
        data = wire({"agent": made.agent, "change": dict(made.change), "by": made.by})
        topic = f"run.{launch.run}.log.perturbation"
        events = (EventRow(topic, launch.epoch, 0, fork.tick, None, data),)
    checkpoint = {
        "simulation": simulation.checkpoint(),
        "counts": {"perturbation": len(events)} if events else {},
    }
    with _create(folder, manifest, launch) as record:
        record.append((), events, (fork.tick, checkpoint))
    return simulation


def _manifest(launch: Launch) -> Manifest:
    return Manifest(
        launch.run,
        launch.scenario,
        launch.params,
        launch.seed,
        launch.epoch,
        launch.created,
        versions=versions(launch.source),
        source=launch.source,
    )


def _create(folder: Path, manifest: Manifest, launch: Launch) -> Recording:
    most = launch.recording.max_bytes
    if (folder / MANIFEST).exists():
        return Recording.open(folder, "append", max_bytes=most)
    return Recording.create(folder, manifest, max_bytes=most)
