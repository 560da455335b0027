"""National declarations: types, fields and rules that an authority declares in a file.

`model` what a declaration is and how it joins the common types; `holds` the words in
which a file says what a field holds; `reading` a whole file. No code runs from a file.
"""
