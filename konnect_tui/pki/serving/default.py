"""The certificate that a gateway makes for its HTTPS port when it is given none.

Source: Kong/kong, `kong/cmd/utils/prefix_handler.lua` (gen_default_ssl_cert): self-signed, CN localhost, 20 years.
"""

from datetime import datetime, timedelta

from konnect_tui.pki.making import make
from konnect_tui.pki.pem import certificate_pem
from konnect_tui.secret import Secret

_LIFE = timedelta(days=20 * 365)


def default_certificate(now: datetime) -> tuple[bytes, Secret]:
    """A new one with its key, both PEM. `now` is aware."""
    key = make.new_key("ec-p256")
    begins = now.replace(microsecond=0)
    form = make.LeafForm(make.Dates(begins, begins + _LIFE))
    name = make.name("localhost", [("C", "US"), ("O", "Kong"), ("OU", "IT Department")])
    return certificate_pem(form.self_signed(name, key)), Secret(make.key_pem(key))
