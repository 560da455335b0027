"""The watched folder: for systems that can write files and read files, and no more.

A process of its own that is a client of the admin API, like any system: it submits what
is dropped, and puts receipts, proofs and received messages back as files. Nothing here
knows how the node works inside (specification, section 16.2).
"""
