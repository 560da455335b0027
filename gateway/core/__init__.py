"""Formats, rules and state machines of the exchange; pure.

Nothing here does I/O, reads a clock or writes a log. Legal content (message types,
code lists, deadlines) lives in `gateway.mla`.
"""
