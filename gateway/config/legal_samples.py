"""The explained `treaties.toml` and `profile.toml`: empty as in a new home, and filled.

Lines that begin with "|" are examples. In a new home they stand as comments, so the
files are valid and say nothing; in the samples they are in force.
"""

_TREATIES = """\
# The authority's own table of treaties: what is in force with whom, since when, and on
# which terms. Nobody else can fill it in: the gateway knows what each instrument
# demands of a request, never who has ratified it or what was declared.
#
# A country without a table here is no obstacle: whoever writes to it is told that the
# table says nothing. An instrument that the table says is not in force refuses a
# request.
# Read at the start and at SIGHUP. Check it with: mla-gateway treaty check treaties.toml

# The values below are examples, not law.

# A name for this version of the table; told with it.
|revision = "2026-11-01, legal department"

# One table for each country, by its code of two capitals (ISO 3166-1).
|[country.FR]
# Day on which somebody last compared it with the sources.
|checked_on = 2026-11-01
# true: an instrument that is not listed is not in force. false: nothing is said of it.
|complete = false
# Languages accepted there, the preferred one first (RFC 5646). What a peer publishes of
# itself goes before this, and a contradiction is told.
|languages = ["fr", "en"]
# Channels by which things may go there: codes of list CHANNEL.
|channels = ["GATEWAY", "GATEWAY_CHUNKED", "DIPLOMATIC"]
# For people.
|note = "Central authority: Bureau de l'entraide penale internationale"

# An instrument: its code of list INSTRUMENT, and the days from and to which it is in
# force between the two States; both may be left out. in_force = false says that it is
# not in force at all. A bilateral treaty has a title.
|[[country.FR.treaty]]
|code = "COE1959"
|from = 2000-01-01
|
|[[country.FR.treaty]]
|code = "UNCYBER"
|in_force = false
|note = "signed, not ratified"

# A reservation or declaration of that country, to one article of one instrument.
# effect says what the gateway makes of it:
#   note                 the author of a request is told the text
#   refuses-fiscal       blocks requests about tax and customs offences (ECRIS 14..)
#   demands-translation  blocks requests without a translation into languages (here, or
#                        those of the country)
#   dual-criminality     blocks requests for coercive measures that do not give the text
#                        of the law
#   excludes             blocks requests for the kinds of assistance in assist
#   demands-channel      blocks requests, because they have to go by channel
# With assist, codes of list ASSIST, it is about those kinds of assistance only.
# All of these can be overridden with a reason, which is logged.
|[[country.FR.reservation]]
|instrument = "COE1959"
|article = "5(1)"
|text = "Search and seizure depend on dual criminality."
|effect = "dual-criminality"
|assist = ["A20", "A21"]
"""

_PROFILE = """\
# What the authority says of its own service. It is published with our card, so that
# everybody who writes to us knows which languages we accept, when we work, and whom to
# call at night. Every change goes to all peers. An empty file publishes nothing.
# Read at the start and at SIGHUP. Check it with: mla-gateway profile check profile.toml

# Day on which somebody last looked it through.
|updated = 2026-11-28
# Name of our time zone (IANA).
|time_zone = "Europe/Tallinn"
# Languages we accept, the preferred one first (RFC 5646). What comes in another one
# without a translation is refused by the sender's gateway, emergencies apart. An empty
# list accepts any.
|languages = ["et", "en"]
# On our clock, on working days.
|office_hours = "09:00-17:00"
# Days of the week that we do not work: MON to SUN.
|weekend = ["SAT", "SUN"]
# Days that we do not work; give moving ones for each year. Deadlines are counted by
# them.
|holidays = [2026-12-24, 2026-12-25, 2026-12-26, 2027-01-01, 2027-02-24, 2027-03-26]
# Channels by which we take things: codes of list CHANNEL. An empty list says nothing.
|channels = ["GATEWAY", "GATEWAY_CHUNKED", "COURIER"]
# MiB of evidence that we take with one message; 0 for no limit.
|max_evidence_mib = 51200
# Whatever else a sender should know, on one line.
|note = ""

# Who is reached at any hour.
|[emergency]
|name = "Duty prosecutor"
|phone = "+372 000 0000"
|email = "duty@example.ee"
|languages = ["et", "en", "ru"]

# An office behind this gateway, as often as there are offices. kind is a code of list
# AUTHORITY_TYPE, assist the kinds of assistance it is competent for, by codes of list
# ASSIST; without them, for all.
|[[unit]]
|names = { en = "Ministry of Justice", et = "Justiitsministeerium" }
|kind = "CENTRAL"
|contact = "central.authority@example.ee"
"""


def treaties_sample() -> str:
    """Return a treaty table with an example of everything."""
    return _filled(_TREATIES)


def empty_treaties() -> str:
    """Return a treaty table that says nothing, with the same explanations."""
    return _emptied(_TREATIES)


def profile_sample() -> str:
    """Return a service profile with an example of everything."""
    return _filled(_PROFILE)


def empty_profile() -> str:
    """Return a service profile that says nothing, with the same explanations."""
    return _emptied(_PROFILE)


def _filled(text: str) -> str:
    return "\n".join(line.removeprefix("|") for line in text.split("\n"))


def _emptied(text: str) -> str:
    lines = (
        f"# {line[1:]}".rstrip() if line.startswith("|") else line
        for line in text.split("\n")
    )
    return "\n".join(lines)
