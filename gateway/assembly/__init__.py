"""The only place that builds adapters and joins them; start, drain, stop.

`homes` makes a new node, `node` joins one from its home, `serving` runs it until it
is told to stop. No decision about messages is made here.
"""

from gateway.assembly.homes import InitRequest, InitResult, create_home
from gateway.assembly.serving import serve

__all__ = ["InitRequest", "InitResult", "create_home", "serve"]
