"""Pure simulation: inference, worlds, scenarios, recording. No thread, socket or wall clock."""
