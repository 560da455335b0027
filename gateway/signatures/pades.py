"""Signatures inside PDF files (ETSI EN 319 142, and those before it)."""

import io

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    ModificationLevel,
)
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import (
    extract_self_reported_ts,
    validate_sig_integrity,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel

from gateway.mla.findings import SignatureKind
from gateway.signatures.signers import Signed, judged
from gateway.signatures.wire import MAX_SIGNATURES, Found, Question

_HARMLESS = frozenset({ModificationLevel.NONE, ModificationLevel.LTA_UPDATES})


def look_at_pdf(question: Question, data: bytes) -> list[Found]:
    """Return what is known of the signatures of a PDF file; form fields are no text."""
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    embedded = reader.embedded_regular_signatures[:MAX_SIGNATURES]
    return [judged(SignatureKind.PADES, _signed(one), question) for one in embedded]


def _signed(embedded: EmbeddedPdfSignature) -> Signed:
    digest = embedded.compute_digest()
    is_same, is_valid = validate_sig_integrity(
        embedded.signer_info,
        embedded.signer_cert,
        expected_content_type="data",
        actual_digest=digest,
    )
    return Signed(
        certificate=embedded.signer_cert,
        others=embedded.other_embedded_certs,
        is_intact=is_same and is_valid,
        is_whole=_is_whole(embedded),
        signed_at=embedded.self_reported_timestamp
        or extract_self_reported_ts(embedded.signer_info),
    )


def _is_whole(embedded: EmbeddedPdfSignature) -> bool:
    """Tell whether nothing was added after a signature but proofs of its validity.

    A further signature is such an addition: of two, the last is over the whole file.
    """
    embedded.compute_integrity_info()
    coverage = embedded.evaluate_signature_coverage()
    if coverage is not SignatureCoverageLevel.ENTIRE_REVISION:
        return coverage is SignatureCoverageLevel.ENTIRE_FILE
    changes = embedded.evaluate_modifications(DEFAULT_DIFF_POLICY)
    return isinstance(changes, DiffResult) and changes.modification_level in _HARMLESS
