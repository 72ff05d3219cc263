"""What is promised about speed, measured: `python -m benchmarks`."""
