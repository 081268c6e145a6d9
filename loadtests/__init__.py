"""Locust load runs and benchmarks."""
