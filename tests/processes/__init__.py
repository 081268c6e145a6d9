"""Tests with real processes: servers and workers that are started, killed and halted."""
