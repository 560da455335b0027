"""What a PDF says, and to whom."""

from dataclasses import dataclass
from typing import IO, Self

from pypdf import PdfReader
from pypdf.generic import StreamObject


@dataclass(frozen=True)
class PdfText:
    """The text of each page, and what programs that read aloud go by."""

    pages: tuple[str, ...]
    title: str
    language: str
    is_tagged: bool
    metadata: str

    @classmethod
    def read(cls, raw: IO[bytes]) -> Self:
        """Return what a PDF says."""
        pdf = PdfReader(raw, strict=True)
        root = pdf.root_object
        stored = root["/Metadata"].get_object()
        assert isinstance(stored, StreamObject)
        xmp = stored.get_data().decode()
        title = xmp.split('xml:lang="x-default">')[1].split("</rdf:li>")[0]
        return cls(
            pages=tuple(page.extract_text() for page in pdf.pages),
            title=title.replace("&#39;", "'").replace("&apos;", "'"),
            language=str(root["/Lang"]),
            is_tagged="/MarkInfo" in root and "/StructTreeRoot" in root,
            metadata=xmp,
        )
