"""RSA keys that may sign with PSS only (RFC 4055 §1.2): OpenSSL holds them for another type than other RSA keys.

cryptography reads them as plain RSA and writes them so, and then the certificate made for such a key no longer fits.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64

_RSASSA_PSS = bytes.fromhex("06092a864886f70d01010a")
_ALGORITHM_ENDS = 32  # the algorithm stands at the beginning of PKCS#8 (RFC 5208 §5)


def pss_only(pkcs8: bytes) -> bool:
    """Whether this private key (PKCS#8, DER, not encrypted) is marked for PSS alone."""
    return _RSASSA_PSS in pkcs8[:_ALGORITHM_ENDS]


def pss_only_pem(pem: bytes) -> bool:
    """The same of the one PEM block that this is."""
    try:
        return pss_only(a2b_base64(b"".join(line for line in pem.splitlines() if not line.startswith(b"-"))))
    except Base64Error:
        return False
