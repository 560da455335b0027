# The module follows sqlite3 of the standard library, but its classes are its own:
# `except sqlite3.Error` does not catch what it raises.
from sqlite3 import *
