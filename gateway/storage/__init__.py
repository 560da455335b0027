"""Durable storage: what the ports promise, once, over two kinds of transaction.

`operations` holds every rule as a plain function over a `Transaction`; `sqlite` and
`memory` are the transactions; `store` joins them into the port.
"""
