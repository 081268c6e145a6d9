"""Hostile frames and messages without end: `python -m tests.fuzz`, and a share of it as tests."""
