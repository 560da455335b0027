"""The large file of the demonstration: who sends it, what is said of it, the answer.

The samples hold texts only; here a disk image is announced, of which the player makes
the bytes. What a node measures of a file is left out of its item.
"""

from gateway.core.canonical import JsonObject, JsonValue

FILE_NAME = "laptop.img"
FILE_BYTES = 256 * 1024 * 1024

MESSAGE_ID = "6f1c1d1e-7a52-5c0e-9b52-0c1f5f1d7a01"
RECEIPT_ID = "6f1c1d1e-7a52-5c0e-9b52-0c1f5f1d7a02"
_ITEM_ID = "6f1c1d1e-7a52-5c0e-9b52-0c1f5f1d7a03"

# Fields of a sample message that hold for others of its case and sender too.
_KEPT = ("instrument", "purpose", "urgency", "handling", "language")


def _event(number: int, event: str, at: str, reason: str, **more: str) -> JsonValue:
    said: JsonObject = {
        "seq": number,
        "event": event,
        "at": at,
        "actor": "Rui Pedralva",
        "organisation": "Investigating Court of Porto Velhinho (fictional)",
        "place": "PT",
        "reason": reason,
    }
    return said | more


def _item() -> JsonObject:
    title = "Image of the disk of a laptop"
    return {
        "item_id": _ITEM_ID,
        "type": "DISK_IMAGE",
        "title": [{"lang": "en", "text": title, "is_translation": False}],
        "file_name": FILE_NAME,
        "source": {
            "holder": "T. Okrandale (fictional)",
            "system": "laptop, 256 MiB disk",
            "location": "PT",
        },
        "acquired_at": "2026-09-24T15:40:00Z",
        "acquired_by": "Rui Pedralva",
        "method": "Sector by sector, behind a write blocker",
        "tool": "Sector Copier (fictional)",
        "version": "4.2",
        "legal_authority": "ORD-2026-331",
        "measure_id": "M2",
        "person_ids": ["P1"],
        "personal_data": [
            {"category": "DEVICE", "justification": "Only to find the account used"}
        ],
        "handling": ["TLP:AMBER", "SEALED"],
        "purpose": "INVESTIGATION",
        "original": False,
        "redacted": False,
        "channel": "GATEWAY_CHUNKED",
        "parcel": "1/1",
        "custody": [
            _event(1, "COLLECTED", "2026-09-24T09:30:00Z", "Handed over, order shown"),
            _event(
                2,
                "ACQUIRED",
                "2026-09-24T15:40:00Z",
                "Working copy, so that the laptop stays sealed",
                tool="Sector Copier (fictional)",
                version="4.2",
            ),
            _event(3, "STORED", "2026-09-24T16:10:00Z", "Evidence store, locker E-17"),
        ],
    }


def transmission(of_same_sender: JsonObject) -> JsonObject:
    """Return the form that sends the item, after another of the same sender."""
    kept: JsonObject = {name: of_same_sender[name] for name in _KEPT}
    return kept | {
        "msg_type": "EVD",
        "approval": [],
        "payload": {"manifest": [_item()], "channel": "GATEWAY_CHUNKED"},
    }


def receipt(of_same_case: JsonObject) -> JsonObject:
    """Return the form that accepts the item, after another message of the case."""
    kept: JsonObject = {name: of_same_case[name] for name in _KEPT}
    accepted: JsonObject = {
        "item_id": _ITEM_ID,
        "digest_ok": True,
        "signature_ok": True,
        "decrypts": True,
        "result": "ACCEPTED",
        "received_at": "2026-09-25T09:30:00Z",
    }
    return kept | {
        "msg_type": "EVD_ACK",
        "approval": [],
        "payload": {"items": [accepted]},
    }
