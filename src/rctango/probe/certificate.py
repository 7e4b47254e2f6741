"""What stands in a certificate that nobody vouches for.

``ssl`` parses only certificates that it has verified (``SSLSocket.getpeercert``,
https://docs.python.org/3/library/ssl.html), and a probe must look at every one. The package
``cryptography`` parses them; without it only the fingerprint is known.
"""

from __future__ import annotations

import hashlib
import warnings
from typing import TYPE_CHECKING, Final

from rctango.model.probing import CertificateFacts
from rctango.smtp import plain_text

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MOST_NAMES: Final = 100
LONGEST_TEXT: Final = 500


def certificate_facts(der: bytes, protocol: str, cipher: str) -> CertificateFacts:
    """The facts of a certificate and of the TLS session that showed it.

    Args:
        der: the certificate.
        protocol: such as ``TLSv1.3``.
        cipher: the cipher suite.
    """
    fingerprint = hashlib.sha256(der).hexdigest()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        facts = _parsed(der, fingerprint, protocol, cipher)
    return facts or CertificateFacts(
        subject=None,
        issuer=None,
        names=None,
        not_before=None,
        not_after=None,
        is_self_signed=None,
        sha256=fingerprint,
        protocol=protocol,
        cipher=cipher,
    )


def _parsed(der: bytes, fingerprint: str, protocol: str, cipher: str) -> CertificateFacts | None:
    try:
        from cryptography import x509  # noqa: PLC0415 - an extra, and heavy
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - same
    except ImportError:
        return None
    try:
        found = x509.load_der_x509_certificate(der)
        return CertificateFacts(
            subject=plain_text(found.subject.rfc4514_string(), LONGEST_TEXT),
            issuer=plain_text(found.issuer.rfc4514_string(), LONGEST_TEXT),
            names=_names(found),
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            is_self_signed=found.subject == found.issuer,
            sha256=fingerprint,
            protocol=protocol,
            cipher=cipher,
        )
    except (ValueError, TypeError, OverflowError, x509.InvalidVersion, UnsupportedAlgorithm):
        return None


def _names(certificate: Certificate) -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415 - an extra, and heavy

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ()
    names = [
        *found.get_values_for_type(x509.DNSName),
        *(str(one) for one in found.get_values_for_type(x509.IPAddress)),
    ]
    return tuple(plain_text(one, LONGEST_TEXT) for one in names[:MOST_NAMES])
