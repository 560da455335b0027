"""The legal content: message types, forms, code lists and the rules between fields.

Pure like the core: no I/O, no clock. What a form must hold is declared in `blocks`
and `types`; everything else here reads those declarations. Nothing about envelopes,
keys, delivery or storage lives here.
"""
