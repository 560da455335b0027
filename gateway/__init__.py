"""The gateway of one central authority for mutual legal assistance.

The folder tree is the architecture; `docs/architecture.md` says which room holds
what. Imports point inwards: command line, assembly, adapters, flows, ports, rules.
"""

__version__ = "0.1.0"
