"""Storage in memory: for tests and trials, with the same operations and rules."""
