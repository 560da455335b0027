"""The limits everything is compared with: the irreducible work, and nothing else.

`message` and `bulk` are programs of two processes each, written straight down: no
framework, no scheduling, no queue. What a design with the same promises can reach in
Python with the same libraries, they reach.
"""
