"""What kind of file an evidence item is, told from its first bytes and its name.

A help for who reads it, never a promise: nothing is executed or rendered by it.
"""

from mimetypes import MimeTypes

UNKNOWN = "application/octet-stream"

# The formats that evidence usually comes in (list EVID), by how they begin.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"EVF\x09\x0d\x0a\xff\x00", "application/octet-stream"),  # EnCase image
)
_ZIP = b"PK\x03\x04"
_ZIP_KIND = "application/zip"
_MP4_MARK = b"ftyp"
# Office documents, which not every version of the library knows.
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
# The library's own table, not that of the machine: every node tells the same.
_BY_NAME = MimeTypes(filenames=())


def media_type_of(name: str, head: bytes) -> str:
    """Return the media type of a file.

    Args:
        name: Its name.
        head: Its first bytes; 16 are enough.
    """
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return media_type
    if head[4:8] == _MP4_MARK:
        return "video/mp4"
    by_name, encoding = _BY_NAME.guess_type(name)
    if head.startswith(_ZIP):
        # Documents of office programs are archives too: their names say which.
        return _OFFICE.get(name.rpartition(".")[2].lower(), by_name or _ZIP_KIND)
    return by_name if by_name and not encoding else UNKNOWN
