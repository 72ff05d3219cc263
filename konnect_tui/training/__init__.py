"""The embedded organisation: a Konnect of one's own on this machine, with a control plane that shakes hands."""
