"""How fast it is, beside what else there is. Run ``python -m benchmarks --help``."""
