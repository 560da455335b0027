"""What each legal basis asks of a request, and whether it may be relied on.

`un`, `europe`, `union` and `others` declare the instruments, for lawyers to read;
`table` lists them; `contents` checks a message against them. `country` is the
authority's own table of what is in force with whom, `services` what an authority says
of itself; `standing`, `languages` and `serving` judge by those, `comparing` holds one
against the other, `pair` does it all. Pure: no file is read here.
"""
