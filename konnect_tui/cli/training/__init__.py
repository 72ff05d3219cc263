"""The parts of `konnect-tui training`, one module each."""
