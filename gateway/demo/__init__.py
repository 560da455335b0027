"""Two authorities on one machine: real processes, real keys, real traffic.

`stage` sets the two nodes up and runs them, `script` is what they say to each other,
`play` performs it through the command line that a user types.
"""

from gateway.demo.play import main

__all__ = ["main"]
