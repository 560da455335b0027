"""The form that messages are measured with: a small request, 1.2 KiB.

A whole request for assistance with every mandatory field and few words, so that it
costs what the checks of a real one cost and is no larger than most messages of a case.
"""

from gateway.core.canonical import JsonObject, JsonValue


def small_request() -> JsonObject:
    """Return the author's form of a request that opens a case: 1,199 bytes."""

    def text(words: str) -> list[JsonValue]:
        return [{"is_translation": False, "lang": "en", "text": words}]

    return {
        "approval": [
            {
                "at": "2026-09-10T08:40:00Z",
                "authority_type": "PROSECUTOR",
                "name": "G. B.",
                "post": "Prosecutor",
            },
        ],
        "handling": ["TLP:AMBER"],
        "instrument": ["BUDAPEST"],
        "language": "en",
        "msg_type": "MLA_REQ",
        "payload": {
            "facts": {"nexus": text("It was used."), "summary": text("Fraud.")},
            "measures": [
                {
                    "assist": "A43",
                    "data_cats": [],
                    "description": text("Logins"),
                    "measure_id": "M1",
                },
            ],
            "necessity": {
                "domestic_equivalent": True,
                "necessity": text("No other source."),
                "proportionality": text("One account."),
            },
            "needed_by": "2027-10-30",
            "offences": [
                {
                    "provision": "s. 901",
                    "statute_text": text("Up to 5 years."),
                    "title": text("Fraud"),
                },
            ],
            "proceedings": {
                "authority_conducting": "Office",
                "case_number": "1",
                "stage": "INVESTIGATION",
                "type": "CRIMINAL",
            },
            "requesting_authority": {
                "country": "EE",
                "name": text("Ministry"),
                "type": "CENTRAL",
            },
            "urgency_reason": "U04",
        },
        "purpose": "INVESTIGATION",
        "sender_ref": "R-1",
        "urgency": "URGENT",
    }
