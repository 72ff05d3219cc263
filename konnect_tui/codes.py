"""The register of codes: every problem, finding and error the product can name, in one table.

`docs/codes.md` is made from it (`python -m tests.tools.write_codes`), and a test holds the two together.
A code is kebab-case, never renamed and never given another meaning: other programs match on it.
"""

from typing import Final, NamedTuple


class Code(NamedTuple):
    """`exit` is the exit status of a command that ends with this code; 0 where it never ends one."""

    exit: int
    meaning: str
    cure: str


_WORLD: Final = 1
_INPUT: Final = 2
_NO: Final = 3
_AUTH: Final = 4
_NEVER: Final = 0

REGISTER: Final[dict[str, Code]] = {
    # --- any command ---
    "invalid-input": Code(_INPUT, "Something in the input has to be put right first.", "Put right what the problems name."),
    "usage": Code(_INPUT, "The command line could not be understood.", "See --help."),
    "not-available-yet": Code(_INPUT, "A known part that this release does not have yet.", "Leave it out for now."),
    "internal-error": Code(_WORLD, "A fault in konnect-tui itself.", "Report it with the code and the frames shown; they hold no values."),
    "cancelled": Code(130, "Stopped by the operator.", "Nothing is half written; run it again when ready."),
    # --- the control plane and its endpoints ---
    "bad-endpoint": Code(_INPUT, "An address or prefix could not be understood.", "Give https://host[:port][/path], or the prefix alone."),
    "wrong-endpoint": Code(_INPUT, "A Konnect address in a place where it does not belong.", "Give the host that nodes connect to."),
    "not-a-konnect-host": Code(_NEVER, "The host is not one of Konnect's.", "Nothing to do if this is meant."),
    "telemetry-endpoint-missing": Code(_INPUT, "The telemetry endpoint is not given and cannot be worked out.", "Give telemetry_endpoint."),
    "region-mismatch": Code(_INPUT, "A host belongs to another region than the one named.", "Make the region and the hosts agree."),
    "region-needed": Code(_NEVER, "A prefix names no region.", "Choose the region."),
    "region-opt-in": Code(_NEVER, "The region has to be switched on for the organization first.", "Ask an admin to opt in."),
    "unlisted-region": Code(_NEVER, "A region that this release does not know.", "Nothing to do if the code is right."),
    "endpoints-differ": Code(_NEVER, "The two endpoints belong to different control planes.", "Compare both with what Konnect shows."),
    "secret-in-paste": Code(_NEVER, "A private key or token stood in pasted text.", "Make a new one; the pasted one has been seen."),
    # --- Konnect's API ---
    "bad-api-url": Code(_INPUT, "An address of the API that a token must not be sent to, or that is none.", "Give https://host; http only for a loopback address."),
    "no-token": Code(_AUTH, "There is no token for Konnect.", "Give --token-file or KONNECT_TOKEN, or run `konnect-tui login`."),
    "token-refused": Code(_AUTH, "Konnect does not take the token: it is wrong, expired or revoked.", "Make a new one in Konnect and log in again."),
    "not-permitted": Code(_AUTH, "The token's roles do not allow this.", "Ask an admin of the organisation for the role named, or use another token."),
    "not-in-konnect": Code(_INPUT, "Konnect does not have what was asked for, in that region.", "Compare id and region with Konnect."),
    "name-taken": Code(_INPUT, "A control plane of that name exists already.", "Use the one that exists, or choose another name."),
    "too-many-requests": Code(_WORLD, "Konnect took too many requests from this address or account.", "Wait a minute and run it again."),
    "konnect-fault": Code(_WORLD, "Konnect failed to answer, more than once.", "Try again later; the trace id helps Kong's support."),
    "konnect-answer": Code(_WORLD, "Something answered in place of Konnect, or in a way that can't be understood.", "Look for a captive portal or proxy in between."),
    "konnect-unreachable": Code(_WORLD, "Konnect's API can't be reached.", "Check network, proxy and the address."),
    # --- the answers ---
    "missing-key": Code(_INPUT, "A key that is required was not given.", "Give it."),
    "unknown-key": Code(_INPUT, "A key that does not exist there.", "Correct it or leave it out."),
    "unknown-value": Code(_INPUT, "A value that is none of the choices.", "Take one of the choices."),
    "invalid-value": Code(_INPUT, "A value that does not have the right form.", "Put it right."),
    "wrong-type": Code(_INPUT, "A value of the wrong type.", "Give the type named."),
    "out-of-range": Code(_INPUT, "A number or text outside its limits.", "Stay inside the limits."),
    "conflicting-values": Code(_INPUT, "Values that exclude each other.", "Keep one of them."),
    "not-applicable": Code(_INPUT, "A key that means nothing with the other choices.", "Leave it out."),
    "unused-section": Code(_NEVER, "A section about something that was not chosen.", "Choose it or leave the section out."),
    "bad-name": Code(_INPUT, "A name that breaks the rules for names.", "Use the form named."),
    "duplicate": Code(_INPUT, "Something is given twice that can be there only once.", "Keep one of them."),
    "unknown-node": Code(_INPUT, "A node that is not among the names.", "Add it to node.names or correct it."),
    "bad-port": Code(_INPUT, "A port outside 1 to 65535.", "Give a number from 1 to 65535."),
    "port-clash": Code(_INPUT, "Two listeners want the same port on one host.", "Give one of them another port."),
    "bad-label": Code(_INPUT, "A label that Konnect would not take.", "Use 1 to 63 letters, digits, - _ . and begin and end with a letter or digit."),
    "reserved-label": Code(_INPUT, "A label whose key is reserved.", "Choose another key."),
    "too-many-labels": Code(_INPUT, "More labels than Konnect takes.", "Give at most 4; node is always set."),
    "unknown-parameter": Code(_INPUT, "No parameter of Kong Gateway has that name.", "Correct the name or leave it out."),
    "parameter-not-in-version": Code(_INPUT, "The chosen version of Kong Gateway does not have that parameter.", "Leave it out or choose another version."),
    "owned-parameter": Code(_INPUT, "A parameter that konnect-tui sets itself.", "Leave it out, or use the key named."),
    "secret-in-answers": Code(_INPUT, "A secret stood in the answers, which hold none.", "Give a {vault://…} reference; replace the secret, it has been seen."),
    "past-end": Code(_INPUT, "Certificates would end in the past.", "Give an end in the future."),
    "brief-life": Code(_NEVER, "Certificates would end within 30 days.", "Give a longer life unless renewal is automatic."),
    "long-life": Code(_NEVER, "Certificates would live longer than 10 years.", "Shorten it unless this is meant."),
    "name-shortened": Code(_NEVER, "A common name over 64 bytes is shortened with a hash.", "Give a shorter common_name to choose it yourself."),
    "unprotected-ca-key": Code(_NEVER, "A CA key would lie on disk unencrypted.", "Choose encrypted or discard."),
    # --- gateway versions ---
    "unknown-version": Code(_INPUT, "No such version of Kong Gateway is known.", "`konnect-tui versions` lists the releases."),
    "newer-version": Code(_NEVER, "A version newer than this release of konnect-tui knows.", "Nothing to do if the version is right."),
    "sunset-version": Code(_NEVER, "A gateway release past its full support.", "Choose a release in full support."),
    "ended-version": Code(_NEVER, "A gateway release without any support.", "Choose a release in full support."),
    "image-mismatch": Code(_NEVER, "The image does not fit the version or the task.", "Make image and version agree."),
    # --- certificates: files ---
    "is-csr": Code(_INPUT, "The file holds a certificate request, not a certificate.", "Give the certificate that was signed from it."),
    "is-crl": Code(_INPUT, "The file holds a revocation list, not a certificate.", "Give the certificate itself."),
    "is-public-key": Code(_INPUT, "The file holds a bare public key.", "Give the certificate, or the private key."),
    "is-private-key": Code(_INPUT, "The file holds a private key where a certificate is wanted.", "Give the certificate; keep the key to yourself."),
    "is-certificate": Code(_INPUT, "The file holds only certificates where a private key is wanted.", "Give the file with the private key."),
    "is-ssh": Code(_INPUT, "The file holds an SSH key.", "Give an X.509 certificate or a TLS key."),
    "is-pgp": Code(_INPUT, "The file holds PGP data.", "Give an X.509 certificate or a TLS key."),
    "is-putty": Code(_INPUT, "The file holds a PuTTY key.", "Give an X.509 certificate or a TLS key."),
    "is-java-keystore": Code(_INPUT, "The file is a Java keystore (JKS, JCEKS, BKS).", "Convert it: keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12."),
    "is-archive": Code(_INPUT, "The file is an archive, or packed.", "Unpack it, and give the file with the certificate or the key."),
    "is-parameters": Code(_INPUT, "The file holds only key parameters.", "Give the file with the certificate or the key."),
    "empty": Code(_INPUT, "The file is empty.", "Give the file with the certificate or the key."),
    "truncated": Code(_INPUT, "A PEM block, or a structure in DER, has a beginning and no end.", "Copy the whole block, from BEGIN to END, or the whole file."),
    "bad-base64": Code(_INPUT, "A PEM block holds something that is not base64.", "Copy the block again without changes."),
    "not-a-certificate": Code(_INPUT, "Nothing in it could be read as a certificate or key.", "Give a PEM file."),
    "wrong-passphrase": Code(_INPUT, "The passphrase does not open the key.", "Give the passphrase it was encrypted with."),
    "passphrase-needed": Code(_INPUT, "A key is, or is to be, encrypted and no passphrase was given.", "Name the passphrase's file, or set KONNECT_TUI_PASSPHRASE (for a CA's key KONNECT_TUI_CA_PASSPHRASE)."),
    "derivation-too-costly": Code(_INPUT, "What is encrypted asks for far more rounds or memory than an honest file does.", "Encrypt it again with fewer rounds: 600,000 is plenty."),
    "unsupported-key": Code(_INPUT, "A key of a type that TLS cannot use here.", "Use an RSA, ECDSA or Ed25519 key."),
    "damaged-key": Code(_INPUT, "A private key could not be read.", "Take it from its source again."),
    "not-a-file": Code(_INPUT, "The path is no regular file.", "Give a regular file."),
    "not-found": Code(_INPUT, "There is no such file.", "Correct the path."),
    "not-readable": Code(_INPUT, "The file may not be read.", "Give yourself the right to read it."),
    "too-large": Code(_INPUT, "The file is far too large to be what is wanted.", "Give the file with the certificate or the key."),
    # --- certificates: what the operator gives ---
    "repaired": Code(_NEVER, "A file is taken, and written otherwise than it was given.", "Nothing to do; the message says what changes."),
    "not-requested": Code(_INPUT, "A signed certificate belongs to none of the bundle's keys.", "Give the certificate that was signed from the bundle's own request."),
    "certificate-pending": Code(_NEVER, "A certificate was requested and has not come yet.", "Send the request off; `apply --signed FILE` takes what comes back."),
    # --- certificates: making them ---
    "key-missing": Code(_NO, "A private key of the bundle is gone or does not belong to its certificate.", "Put the file back, or run again with --new-keys."),
    "ca-key-discarded": Code(_NO, "The CA's key was not kept, so nothing more can be issued from it.", "Run again with --new-keys: that makes a new CA, and new certificates for every node."),
    # --- certificates: the verdict ---
    "refused": Code(_NO, "A control plane would refuse this.", "Do what the findings say."),
    "other-refusal": Code(_NEVER, "Refused for a reason that OpenSSL alone names.", "Look the words of OpenSSL up."),
    "rehearsal-broken": Code(_WORLD, "A handshake over the loopback interface could not be made.", "Try again; a firewall or sandbox may forbid loopback connections."),
    "missing-intermediate": Code(_NEVER, "The issuer of a presented certificate is neither presented nor uploaded.", "Present the missing intermediate on the node, behind the leaf."),
    "wrong-upload": Code(_NEVER, "What was uploaded did not issue what is presented.", "Upload the CA at the top of the presented chain."),
    "key-id-mismatch": Code(_NEVER, "The authority key identifier names another key than the issuer has.", "Have the certificate issued again by the CA that is uploaded."),
    "same-named-ca": Code(_NEVER, "A CA of the same name but with another key stands in the way.", "Upload only the CA that issued the chain."),
    "expired": Code(_NEVER, "A certificate has ended.", "Renew it."),
    "not-yet-valid": Code(_NEVER, "A certificate is not valid yet.", "Check the clock, or wait."),
    "wrong-purpose": Code(_NEVER, "A certificate may not be used for a TLS client.", "Have it issued with clientAuth and digitalSignature."),
    "not-a-ca": Code(_NEVER, "A certificate that issued another is not a CA.", "Use a CA with CA:TRUE and keyCertSign."),
    "path-length": Code(_NEVER, "There are more intermediates than a CA allows.", "Use a CA with a larger path length."),
    "name-constraint": Code(_NEVER, "A name lies outside what a CA may issue.", "Use a permitted name, or another CA."),
    "unknown-critical-extension": Code(_NEVER, "A certificate has a critical extension that OpenSSL does not know.", "Have it issued without that extension."),
    "weak-key": Code(_NEVER, "A key is too short.", "Use ec-p256 or rsa-2048 at least."),
    "weak-signature": Code(_NEVER, "A certificate is signed with a broken hash.", "Have it issued again with SHA-256 or better."),
    "bad-signature": Code(_NEVER, "A signature does not fit its certificate.", "Take the certificate from its source again."),
    "key-mismatch": Code(_NEVER, "The private key does not belong to the certificate.", "Present the certificate made for this key."),
    "key-type-unusable": Code(_NEVER, "TLS cannot sign with a key of this type, so the node sends no certificate.", "Use an RSA, ECDSA (P-256 to P-521) or Ed25519 key."),
    "leaf-not-uploaded": Code(_NEVER, "The certificate that the node presents was not uploaded.", "Upload exactly this certificate."),
    "same-key-new-certificate": Code(_NEVER, "Uploaded is an older certificate of the same key.", "Upload the certificate that the node presents."),
    "issuer-uploaded": Code(_NEVER, "Uploaded is the CA, but pinned mode wants the leaf itself.", "Upload the leaf, or use a control plane in PKI mode."),
    "list-too-large": Code(_NEVER, "The presented list is larger than a control plane takes.", "Present the leaf and its intermediates only."),
    "short-life": Code(_NEVER, "The certificate lives 30 days, which openssl gives when no -days is said.", "Have it issued with an explicit end."),
    "ca-leaf": Code(_NEVER, "The leaf is marked as a CA.", "Have it issued with CA:FALSE."),
    "client-auth-only": Code(_NEVER, "The leaf allows clientAuth but not serverAuth, which some control planes want too.", "Have it issued with both."),
    "expired-pinned": Code(_NEVER, "A pinned certificate is outside its dates.", "Make and upload a new one."),
    "anchor-too-wide": Code(_NEVER, "Everything this CA ever issues can join the control plane.", "Use a CA for this control plane alone."),
    "irrevocable": Code(_NEVER, "The handshake asks no revocation list: a leaf stays good until it ends.", "Give leaves a life you can wait out."),
    "deep-chain": Code(_NEVER, "The chain is deeper than a self-managed Kong control plane follows (4).", "Use fewer intermediates."),
    "partial-chain-self-managed": Code(_NEVER, "A control plane on plain nginx does not take an intermediate as its anchor.", "Upload the root where that matters."),
    # --- values in the files written ---
    "value-not-expressible": Code(_INPUT, "A value holds something that the file it goes into cannot say.", "Take the character out, or leave the value out."),
    "privileged-port": Code(_NEVER, "A port that only a privileged process can take, in the host's own network.", "Take ports from 1024 on."),
    # --- the workspace on disk ---
    "workspace-not-writable": Code(_WORLD, "The workspace, or something in it, cannot be written.", "Make it writable, or name another with --workspace."),
    "workspace-without-modes": Code(_WORLD, "The file system does not keep file modes, so keys would not be private.", "Take a workspace on a local disk (ext4, xfs, btrfs, APFS), or mount this one with modes."),
    "workspace-without-locks": Code(_WORLD, "The file system cannot lock files, so two runs could clash.", "Take a workspace on a local disk."),
    "workspace-open-to-others": Code(_WORLD, "Other users may change what lies in the workspace.", "Take the right away (chmod o-w), or name another workspace with --workspace."),
    "workspace-locked": Code(_WORLD, "Another run is working in this workspace.", "Wait until it has ended; a run that died holds no lock."),
    "file-in-the-way": Code(_INPUT, "Something that konnect-tui did not write stands where it has to write.", "Move it away, or choose another name or workspace."),
    "symlink-in-the-way": Code(_INPUT, "A symlink stands where konnect-tui has to write.", "Name the place it leads to, or move it away."),
    "path-too-long": Code(_INPUT, "A path or name is longer than the file system takes.", "Choose a shorter workspace or bundle name."),
    "bad-bundle-name": Code(_INPUT, "A name that no bundle can have.", "Use 1 to 80 of A-Z a-z 0-9 . _ - and begin with a letter or digit."),
    "disk-full": Code(_WORLD, "The disk is full or a limit is reached.", "Free some space, or name another workspace with --workspace."),
    "disk-failed": Code(_WORLD, "The operating system reports a fault of the disk or file system.", "See to the disk, then run it again; nothing is half written."),
    "replace-unfinished": Code(_WORLD, "The new bundle is in place, the old one could not be cleared away.", "Cure the cause; the next command finishes it."),
    "unreadable-file": Code(_INPUT, "A file of the bundle cannot be read.", "Make it readable; `konnect-tui verify --fix-modes` sets the modes."),
    "too-many-files": Code(_INPUT, "A folder holds far more than a bundle ever does.", "Move out what does not belong there."),
    # --- platforms: linux and helm ---
    "release-name-too-long": Code(_INPUT, "A Helm release's name would be longer than Helm takes.", "Shorten the option release of helm, or the node's name."),
    "one-release": Code(_NEVER, "Nodes that share a key become one Helm release, with the ports of the first.", "Give every node its own key, or all nodes the same ports."),
    # --- answers files and bundles ---
    "toml-syntax": Code(_INPUT, "The file is not valid TOML.", "Put right the line that is named."),
    "not-text": Code(_INPUT, "The file is no UTF-8 text.", "Save it as UTF-8 text."),
    "unknown-schema": Code(_INPUT, "The answers file was written for another schema.", "Use `schema = 1`."),
    "outlives-issuer": Code(_INPUT, "A certificate would end after the CA that issues it.", "Choose an earlier end, or make a new CA with --new-keys."),
    "life-shortened": Code(_NEVER, "A default life was cut to the end of the CA.", "For longer leaves take a CA that ends later; one made here is made anew with --new-keys."),
    "ports-exhausted": Code(_INPUT, "There are more nodes than one host has ports.", "Begin at lower ports, or spread the nodes over bundles."),
    "not-a-bundle": Code(_INPUT, "A folder stands where the bundle would go, and is no bundle.", "Choose another output.bundle, or move the folder away."),
    "no-such-bundle": Code(_INPUT, "There is no bundle of that name.", "Give a bundle's folder, or its name in the workspace."),
    "manifest-damaged": Code(_INPUT, "A bundle's own konnect-tui.toml can't be relied on.", "Take it from a backup, or make the bundle anew under another name."),
    "other-control-plane": Code(_INPUT, "The bundle of that name was made for another control plane.", "Choose another output.bundle."),
    "needs-replace": Code(_NO, "Something that stands would be lost.", "Look at the diff; run again with --replace if it is what you want. The old goes to .backup/."),
    "workspace-changed": Code(_WORLD, "Someone else changed the bundle at the same time.", "Run it again."),
    "rehearsal-sampled": Code(_NEVER, "Of many nodes only a sample was rehearsed.", "Run `konnect-tui rehearse` for all of them."),
    "not-whole": Code(_NO, "A bundle is not whole, unbroken and in date.", "See the checks that failed."),
    # --- what verify looks at ---
    "whole": Code(_NEVER, "All files are as they were written.", "Restore what is named, or run apply with --replace."),
    "edited": Code(_NEVER, "A file was edited since it was written.", "Nothing to do if you meant it; `apply --replace` writes it anew."),
    "missing-file": Code(_NEVER, "A file of the bundle is gone.", "Run `apply --replace`; a key that is gone needs --new-keys."),
    "wrong-mode": Code(_NEVER, "A file or folder has another mode than it was written with.", "Run `verify --fix-modes`."),
    "broken": Code(_NEVER, "A certificate and its key can't be used together.", "Run `apply --replace`; a key that is gone needs --new-keys."),
    "accepted": Code(_NEVER, "A control plane that was given upload/ accepts the node.", "Nothing to do."),
    "ends-soon": Code(_NEVER, "A certificate ends within 30 days.", "Renew it while the old one still works."),
    # --- live: the certificates of a control plane ---
    "several-in-one": Code(_NEVER, "One entry of a control plane holds several certificates.", "Give each an entry of its own."),
    "key-in-konnect": Code(_NEVER, "A control plane's list of certificates holds a private key.", "Take a new key and certificate into use, then remove this one."),
    "leaf-in-pki": Code(_NEVER, "A control plane in PKI mode was given a certificate that is no CA.", "Give it the CA that issued the nodes' certificates."),
    "given-twice": Code(_NEVER, "A control plane was given the same certificate more than once.", "Remove the entries that no node uses, all but one."),
    "same-key": Code(_NEVER, "Two certificates of a control plane are of one key.", "Remove the older one once no node uses it."),
    "unused-certificate": Code(_NEVER, "No node of the control plane uses a certificate it was given.", "Remove it, unless a node is still to come with it."),
}
