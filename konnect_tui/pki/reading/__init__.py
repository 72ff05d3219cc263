"""Read the certificates and keys in whatever people have; `pki/read.py` is the front door.

From the outside in: `layers` takes the bytes apart into blocks of DER (with `text`, `markers`, `armour`), `kinds` says
what a block is, `keys`, `pkcs7` and `pkcs12` open it, `costs` bounds that beforehand, `foreign` names what is left.
"""
