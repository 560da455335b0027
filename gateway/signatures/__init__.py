"""Signatures of persons on orders and forms: PAdES, CAdES, XAdES.

Files come from others, and what reads them is large. So each file is looked at by a
process of its own (`worker`) that has a bound on memory and time, gets no keys, opens
no files and asks nobody. `process` runs it, `trust` reads whom a country's signatures
are believed under. The libraries are an extra (`signatures`); without them the node
says that nothing was checked.
"""
