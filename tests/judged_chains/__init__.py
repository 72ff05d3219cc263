"""Chains with one planted fault each, or none, and the code of that fault. Judged by us and by OpenSSL."""

from judged_chains import ends, forms, marks, odd, paths, pins, strength, twins
from judged_chains.chain import Chain, Chains

CHAINS: Chains = {
    **paths.CHAINS,
    **marks.CHAINS,
    **twins.CHAINS,
    **ends.CHAINS,
    **forms.CHAINS,
    **strength.CHAINS,
    **pins.CHAINS,
    **odd.CHAINS,
}

__all__ = ["CHAINS", "Chain"]
