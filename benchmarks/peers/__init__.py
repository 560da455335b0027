"""Products that a Python shop would take instead, on the same payloads.

Each is built as its makers intend and given the best settings we found. What it does
not do is said where it is used: a figure beside ours compares what people get, not who
does the same work faster.
"""
