"""One module a scenario: `measure(setting)` yields its figures.

The first line of a module's docstring says what it measures. A module that is put here
is found; nothing has to be registered.
"""
