"""Benchmarks: each prints a value, the yardstick measured in the same run, and their ratio."""
