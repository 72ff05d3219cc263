"""The practice node: a data plane node without a gateway, for lessons and for trying a bundle on this machine.

It reads the bundle's own files as Kong would, connects as Kong does, and says what Kong says. It proxies nothing.
"""
