"""A bundle and live Konnect: find its control plane, give it the certificates, see the nodes arrive."""
