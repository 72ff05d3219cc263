"""`source = "import"`: certificates and keys that exist already."""

from msgspec.structs import replace

from konnect_tui.defaults import node_names
from konnect_tui.draft import Draft, NodeOverride
from konnect_tui.flow.authentication import PKI, mode
from konnect_tui.flow.paths import one_file, shown, typed
from konnect_tui.flow.sources import given, leaf, without_files_of_nodes
from konnect_tui.flow.step import Field, Scene, Unclear, Value, write

PASSPHRASE = "certificate.files_passphrase"  # noqa: S105 - a field's key

WHY = "Read in whatever form they have, written back as Kong needs them."


def fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    """Everything that is asked."""
    many = _several(draft)
    shared = not many or draft.certificate.per == "bundle"
    return (
        *((_per(),) if many else ()),
        *((_certificate(), _key()) if shared else (_by_node(),)),
        given.passphrase(draft, PASSPHRASE, "certificate.passphrase_file"),
        *((given.chain(), given.upload()) if mode(draft) == PKI else ()),
    )


def _several(draft: Draft) -> bool:
    if any(each.certificate for each in draft.node.each or ()):
        return True
    try:
        return len(node_names(draft)) > 1
    except ValueError:
        return False


def _per() -> Field:
    asked = leaf.per()

    def put(draft: Draft, value: Value) -> Draft:
        draft = write(draft, "certificate.per", value)
        return without_files_of_nodes(draft) if value == "bundle" else draft

    return replace(asked, put=put)


def _certificate() -> Field:
    return one_file(
        "certificate.certificate", "Certificate", "certificate", required=True,
        help="The node's certificate: PEM, DER, PKCS#7 or PKCS#12, with its key and its chain or without. "
             "F2 shows what your files hold, F3 takes a paste.",
    )  # fmt: skip


def _key() -> Field:
    return one_file(
        "certificate.private_key", "Private key", "key", default="in the same file",
        help="The key that belongs to the certificate, encrypted or not. "
             "It is written as PKCS#8 that only you can read.",
    )  # fmt: skip


def _by_node() -> Field:
    """Every node's files, one node a line: any number of nodes, and it can be pasted from a list."""

    def get(draft: Draft) -> Value:
        own = (each for each in draft.node.each or () if each.certificate or each.private_key)
        return "\n".join(_line(each) for each in own)

    return Field(
        key="node.files",
        about=("certificate.certificate", "certificate.private_key", "node.each"),
        label="Files by node",
        kind="lines",
        get=get,
        put=_put_by_node,
        required=True,
        help=(
            "One node a line, as edge-1 = ~/certs/edge-1.pem, ~/certs/edge-1.key. The key may be in the same file. "
            "With one key for all nodes, a single pair of files is asked for instead."
        ),
    )


def _line(each: NodeOverride) -> str:
    return f"{each.name} = {', '.join(shown(path) for path in (each.certificate, each.private_key) if path)}"


def _put_by_node(draft: Draft, value: Value) -> Draft:
    told = dict(_parted(line) for line in str(value or "").splitlines() if line.strip())
    others = {each.name: each for each in draft.node.each or ()}
    each = []
    for name in dict.fromkeys([*others, *told]):
        certificate, key = told.get(name, (None, None))
        one = replace(others.get(name, NodeOverride(name)), certificate=certificate, private_key=key)
        each += [one] if one != NodeOverride(name) else []
    draft = write(draft, "certificate.certificate", None)
    draft = write(draft, "certificate.private_key", None)
    return write(draft, "node.each", tuple(each))


def _parted(line: str) -> tuple[str, tuple[str | None, str | None]]:
    name, sign, paths = line.partition("=")
    files = [typed(path) for path in paths.split(",") if path.strip()]
    if not sign or not name.strip() or not 1 <= len(files) <= 2:
        raise Unclear(f"Write edge-1 = certificate, key. This is not so: {line.strip()[:40]}")
    return name.strip(), (files[0], files[1] if len(files) == 2 else None)
