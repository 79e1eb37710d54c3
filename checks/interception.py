"""Who stands between this machine and a server, told by the name in the certificate's issuer. Pure.

A company's proxy, or a virus scanner, opens the encrypted connection and signs its own certificate for the server's
name; its issuer names it. These are the names that such products ship with; a company can choose its own.
"""

from __future__ import annotations

import re
from typing import Final

_PRODUCTS: Final = (
    ("Zscaler", r"zscaler"),
    ("Netskope", r"netskope|goskope"),
    ("Cisco Umbrella or Secure Web Appliance", r"cisco"),
    ("a Fortinet firewall", r"fortinet|fortigate"),
    ("a Palo Alto firewall", r"palo ?alto|globalprotect"),
    ("a Check Point firewall", r"check ?point"),
    ("a Sophos firewall", r"sophos"),
    ("a WatchGuard firewall", r"watchguard"),
    ("a SonicWall firewall", r"sonicwall"),
    ("a Barracuda gateway", r"barracuda"),
    ("Broadcom (Blue Coat, Symantec) Web Security", r"blue ?coat|symantec web|proxysg"),
    ("Skyhigh (McAfee) Web Gateway", r"mcafee|skyhigh|trellix"),
    ("Forcepoint", r"forcepoint|websense"),
    ("iboss", r"\biboss\b"),
    ("Cloudflare Gateway", r"cloudflare.*gateway|gateway ca - cloudflare|cloudflare for teams"),
    ("Kaspersky's virus scanner", r"kaspersky"),
    ("ESET's virus scanner", r"\beset\b"),
    ("Avast's or AVG's virus scanner", r"\bavast\b|\bavg\b"),
    ("Bitdefender's virus scanner", r"bitdefender"),
    ("Norton's virus scanner", r"\bnorton\b"),
    ("AdGuard", r"adguard"),
    ("mitmproxy", r"mitmproxy"),
    ("Charles", r"charles proxy"),
    ("Fiddler", r"fiddler|do_not_trust"),
    ("Burp", r"portswigger"),
)
_COMPILED: Final = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _PRODUCTS)


def interceptor(issuer: str) -> str:
    """The product that an issuer's name gives away, "" where it is none of those that are known."""
    return next((name for name, pattern in _COMPILED if pattern.search(issuer)), "")
