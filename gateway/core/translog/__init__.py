"""Transparency log formats and proofs (C2SP): pure, and usable without the rest.

What an entry says and where entries are stored live elsewhere. Specification,
section 8.
"""
