"""Extended rights, flags and enumerations as Exchange's exports spell them.

Sources: https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors (names of the
rights) and the Active Directory schema changes of Exchange Server (their GUIDs).
"""

from __future__ import annotations

from rctango.model.rights import ALL_RIGHTS, NO_RIGHTS, Right

_TABLE: tuple[tuple[Right, str, str], ...] = (
    (Right.SUBMIT, "ms-Exch-SMTP-Submit", "a18293f1-0685-4540-aa63-e32df421b3a2"),
    (Right.SUBMIT_FOR_MLS, "ms-Exch-SMTP-Submit-For-MLS", "8fc01282-006d-42b1-81e3-c0b46bed3754"),
    (
        Right.ACCEPT_ANY_RECIPIENT,
        "ms-Exch-SMTP-Accept-Any-Recipient",
        "5c82f031-4e4c-4326-88e1-8c4f0cad9de5",
    ),
    (
        Right.ACCEPT_AUTHENTICATION_FLAG,
        "ms-Exch-SMTP-Accept-Authentication-Flag",
        "1c75aca8-b56b-48b3-a021-858a29fa877b",
    ),
    (
        Right.ACCEPT_ANY_SENDER,
        "ms-Exch-SMTP-Accept-Any-Sender",
        "b857b50b-94a2-4b53-93f6-41cebd2fced0",
    ),
    (
        Right.ACCEPT_AUTHORITATIVE_DOMAIN_SENDER,
        "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
        "c22841f4-96cb-498a-ac02-f9a87c74eb14",
    ),
    (Right.BYPASS_ANTI_SPAM, "ms-Exch-Bypass-Anti-Spam", "d19299b4-86c2-4c9a-8fa7-acb70c63023a"),
    (
        Right.BYPASS_MESSAGE_SIZE_LIMIT,
        "ms-Exch-Bypass-Message-Size-Limit",
        "6760cfc5-70f4-4ae8-bc39-9522d86ac69b",
    ),
    (Right.SEND_EXCH50, "ms-Exch-SMTP-Send-Exch50", "11716db4-9647-4bce-8922-1f99e526cb41"),
    (Right.ACCEPT_EXCH50, "ms-Exch-SMTP-Accept-Exch50", "e373fb21-d851-4d15-af23-982f09f2400b"),
    (
        Right.ACCEPT_HEADERS_ROUTING,
        "ms-Exch-Accept-Headers-Routing",
        "04031f4f-7c36-43ea-9b49-4bd0f5f1e6af",
    ),
    (
        Right.ACCEPT_HEADERS_FOREST,
        "ms-Exch-Accept-Headers-Forest",
        "a7a9ea66-e08c-4e23-8fe7-68c40e49c6c0",
    ),
    (
        Right.ACCEPT_HEADERS_ORGANIZATION,
        "ms-Exch-Accept-Headers-Organization",
        "c307dccd-6676-4d19-95c8-d1567fab9820",
    ),
    (
        Right.SEND_HEADERS_ROUTING,
        "ms-Exch-Send-Headers-Routing",
        "eb8c07ad-b5ad-49c3-831e-bc439cca4c2a",
    ),
    (
        Right.SEND_HEADERS_FOREST,
        "ms-Exch-Send-Headers-Forest",
        "b3f9f977-552c-4ee6-9781-59280a81417b",
    ),
    (
        Right.SEND_HEADERS_ORGANIZATION,
        "ms-Exch-Send-Headers-Organization",
        "2f7d0e23-f951-4ed0-8e71-39b6a22fa298",
    ),
    (Right.SEND_AS, "Send-As", "ab721a54-1e2f-11d0-9819-00aa0040529b"),
    (Right.SEND_XSHADOW, "ms-Exch-SMTP-Send-XShadow", "5bc2acab-ad7d-4878-b6cd-3122a47c6a1c"),
    (Right.ACCEPT_XSHADOW, "ms-Exch-SMTP-Accept-XShadow", "811d004b-e2ed-4024-8953-0f0fb0612e47"),
    (
        Right.ACCEPT_XPROXYFROM,
        "ms-Exch-SMTP-Accept-XProxyFrom",
        "5bee2b72-50d7-49c7-ba66-39a25daa1e92",
    ),
    (
        Right.ACCEPT_XSESSIONPARAMS,
        "ms-Exch-SMTP-Accept-XSessionParams",
        "c08e6405-fccb-4c21-9985-2e865bcf15d5",
    ),
    (
        Right.ACCEPT_XMESSAGECONTEXT_ADRECIPIENTCACHE,
        "ms-Exch-SMTP-Accept-XMessageContext-ADRecipientCache",
        "b938d9df-1f37-41d3-8cdc-f4148f20076d",
    ),
    (
        Right.ACCEPT_XMESSAGECONTEXT_EXTENDEDPROPERTIES,
        "ms-Exch-SMTP-Accept-XMessageContext-ExtendedProperties",
        "e1f584b5-11c8-451b-91e8-045c75973912",
    ),
    (
        Right.ACCEPT_XMESSAGECONTEXT_FASTINDEX,
        "ms-Exch-SMTP-Accept-XMessageContext-FastIndex",
        "5669b1b6-dca0-429b-8fdb-fc5b07c0f73f",
    ),
    (Right.ACCEPT_XATTR, "ms-Exch-SMTP-Accept-XAttr", "c62e96a4-6f25-497b-8d41-70cbd25eaa99"),
    (
        Right.ACCEPT_XSYSPROBE,
        "ms-Exch-SMTP-Accept-XSysProbe",
        "5db60ab1-1ad4-4863-b9be-fbc5b00691a3",
    ),
)
_ALL_EXTENDED = "00000000-0000-0000-0000-000000000000"


def _spellings() -> dict[str, Right]:
    result: dict[str, Right] = {}
    for right, name, guid in _TABLE:
        result[name.lower()] = right
        result[guid] = right
        result[name.lower().replace("-accept-xmessagecontext-", "-send-xmessagecontext-")] = right
    return result


_BY_SPELLING = _spellings()


def rights_of(names: tuple[str, ...]) -> Right:
    """The SMTP permissions among extended rights given by name or GUID; others are left out."""
    result = NO_RIGHTS
    for name in names:
        key = name.strip().strip("{}").lower()
        result |= ALL_RIGHTS if key == _ALL_EXTENDED else _BY_SPELLING.get(key, NO_RIGHTS)
    return result
