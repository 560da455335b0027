"""Forms that people fill in: from declarations of messages to fields, and back.

Pure: no I/O, no clock. `building` makes a tree of fields for a draft, `posting` reads
what a browser posts back into a draft, `editing` opens and closes parts of one, and
`telling` puts problems beside the fields that they are about. A draft is a message
document as its author writes it, in which parts that were opened may still be empty.
"""
