"""Names and bits of Exchange's flag enumerations, in lower case."""

PERMISSION_GROUPS = {
    "none": 0,
    "anonymoususers": 1,
    "exchangeusers": 2,
    "exchangeservers": 4,
    "exchangelegacyservers": 8,
    "partners": 16,
    "custom": 32,
}

AUTH_MECHANISM = {
    "none": 0,
    "tls": 1,
    "integrated": 2,
    "basicauth": 4,
    "basicauthrequiretls": 8,
    "exchangeserver": 16,
    "externalauthoritative": 32,
}

TRANSPORT_ROLE = {"none": 0, "mailbox": 2, "hubtransport": 32, "frontendtransport": 16384}

SERVER_ROLE = {
    "none": 0,
    "cafe": 1,
    "mailbox": 2,
    "clientaccess": 4,
    "unifiedmessaging": 16,
    "hubtransport": 32,
    "edge": 64,
    "frontendtransport": 16384,
}
