"""konnect-tui: stand up a Kong Gateway data plane for Konnect, certificates first."""

__version__ = "0.1.0"
