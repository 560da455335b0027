"""What pages do: ask operations, and say which template shows the answers.

One file a subject, each beside its table of pages. Nothing is stored here.
"""
