"""Every method of the store, once: plain functions over a transaction.

Each decides inside its transaction, writes nothing before it has decided, and writes
the log entry of a change together with the change.
"""
