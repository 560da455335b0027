"""What somebody writes into the fields of a first request, by name of the field.

`FURTHER` are fields that are there once it is said what is asked for.
"""

BASICS = {
    "instrument.0": "UNTOC",
    "purpose": "INVESTIGATION",
    "sender_ref": "KR-26-1",
    "payload.requesting_authority.country": "EE",
    "payload.requesting_authority.name.0.text": "Northern Prosecutor",
    "payload.requesting_authority.type": "PROSECUTOR",
    "payload.proceedings.type": "CRIMINAL",
    "payload.proceedings.stage": "PRELIMINARY",
    "payload.proceedings.case_number": "26-1",
    "payload.proceedings.authority_conducting": "Northern Prosecutor",
    "payload.offences.0.title.0.text": "Fraud",
    "payload.offences.0.provision": "Penal Code, s. 209",
    "payload.measures.0.assist": "A16",
    "payload.measures.0.description.0.text": "The invoice of 3 May",
    "payload.necessity.necessity.0.text": "Only that file shows who sent it.",
    "payload.necessity.proportionality.0.text": "One document, a fraud of 400 000.",
    "payload.necessity.domestic_equivalent": "true",
    "approval.0.name": "Mari Mets",
    "approval.0.post": "Prosecutor",
    "approval.0.authority_type": "PROSECUTOR",
    "approval.0.at._when": "2026-09-20T10:00",
    "approval.0.at._zone": "Europe/Tallinn",
}
FURTHER = {
    "payload.facts.summary.0.text": "On 3 May a false invoice was sent.",
    "payload.facts.nexus.0.text": "The file shows its sender.",
    "payload.offences.0.statute_text.0.text": "Whoever deceives another …",
}

# Of the file that goes with it.
ITEM = {
    "payload.manifest.0.type": "DOC_COPY",
    "payload.manifest.0.source.holder": "Northern Prosecutor",
    "payload.manifest.0.acquired_at._when": "2026-09-19T09:00",
    "payload.manifest.0.acquired_at._zone": "Europe/Tallinn",
    "payload.manifest.0.acquired_by": "Mari Mets",
    "payload.manifest.0.legal_authority": "Order 26-1 of 18 September",
    "payload.manifest.0.measure_id": "M1",
    "payload.manifest.0.custody.0.event": "ACQUIRED",
    "payload.manifest.0.custody.0.at._when": "2026-09-19T09:00",
    "payload.manifest.0.custody.0.at._zone": "Europe/Tallinn",
    "payload.manifest.0.custody.0.actor": "Mari Mets",
    "payload.manifest.0.custody.0.organisation": "Northern Prosecutor",
    "payload.manifest.0.custody.0.reason": "Seized as evidence",
}
