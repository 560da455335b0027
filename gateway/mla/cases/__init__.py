"""Cases: their state, computed from their messages alone, and what may come next.

`assistance`, `answering` and `procedures` are the tables: from which state which
message of which side leads where. `readings` says what a message tells of each measure,
`standing` what is known of a case at one moment, `steps` applies one message to it.
`order` puts the messages of both sides in one order, `fold` goes through them, `view`
is what comes of it, and `nexts` what may follow.
Neither side stores a state: both compute it from the same messages, by the same tables.
"""
