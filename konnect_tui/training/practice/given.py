"""What a bundle's own files tell one node, read as the platform's program and then Kong would read them."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.training.practice import compose_file, conf, scripts

Published = Mapping[int, tuple[str, int]]
"""Kong's port → address and port of the host that lead to it."""

_VERSION: Final = re.compile(r"\d+\.\d+\.\d+(?:\.\d+)?")
_FLAG: Final = re.compile(r"--(?:env|volume|publish|hostname|env-file|network) .*")
_STATE: Final = "state"


class Given(Struct, frozen=True):
    """One node as its platform's files have it.

    `files` are those that were read, relative to the bundle; `values` are Kong's parameters. `places` leads from
    paths that Kong sees to where they are here. `published` is None where Kong listens on the host itself.
    """

    bundle: str
    node: str
    platform: str
    files: tuple[str, ...]
    values: Mapping[str, str]
    places: Mapping[str, str]
    hostname: str
    version: str
    published: Published | None = None

    def here(self, path: str) -> str:
        """Where a path that Kong sees is on this machine."""
        for there, here in sorted(self.places.items(), reverse=True):
            if path == there or path.startswith(f"{there}/"):
                return here + path[len(there) :]
        return path

    @property
    def state(self) -> str:
        """Kong's prefix for this node."""
        return os.path.join(self.bundle, _STATE, self.node)


def given(bundle: str, node: str, *, version: str, environ: Mapping[str, str] | None = None) -> Given:
    """What the first platform that a practice node can stand in for tells that node.

    `version` is the gateway's where the files name none. `environ` is what Kong's own process would find in its
    environment: on a Linux host it wins over `kong.conf`. Raises KonnectError `nothing-to-practise` and
    `not-a-bundle` where a file is not as the platform writes it.
    """
    for platform, read in _PLATFORMS.items():
        try:
            found = read(Path(bundle), node, version, environ or {})
        except (OSError, ValueError) as fault:
            message = f"What platform {platform} wrote for {node} can't be understood: {fault}."
            raise KonnectError("practice-files", message) from None
        if found is not None:
            return found
    known = ", ".join(_PLATFORMS)
    message = f"No platform of this bundle gives {node} files that a practice node can read."
    raise KonnectError("nothing-to-practise", message, hint=f"Add one of {known} to output.platforms and apply.")


def _docker(bundle: Path, node: str, version: str, _environ: Mapping[str, str]) -> Given | None:
    folder = bundle / "docker" / node
    run, own_conf, env = folder / "run.sh", folder / "kong.conf", folder / "kong.env"
    if not run.is_file():
        return None
    script = run.read_text()
    flags = list(_flags(script, {**scripts.decided(script), "bundle": str(bundle), "here": str(folder)}))
    read = [run, *(file for file in (own_conf, env) if file.is_file())]
    values = conf.kong_conf(own_conf.read_text()) if own_conf.is_file() else {}
    for outside in _of("env-file", flags):
        if Path(outside) != env:
            read.append(Path(outside))
        values |= conf.environment(Path(outside).read_text().splitlines())
    values |= conf.environment(_of("env", flags))
    return Given(
        bundle=str(bundle),
        node=node,
        platform="docker",
        files=_relative(read, bundle),
        values=values,
        places=dict(_mount(each) for each in _of("volume", flags)),
        hostname=next(_of("hostname", flags), node),
        version=_version(scripts.decided(script).get("image", ""), version),
        published=None if "host" in _of("network", flags) else dict(map(_published, _of("publish", flags))),
    )


def _compose(bundle: Path, node: str, version: str, _environ: Mapping[str, str]) -> Given | None:
    file = bundle / "compose" / "compose.yaml"
    if not file.is_file():
        return None
    service = compose_file.services(file.read_text()).get(node)
    if service is None:
        return None
    read, values = [file], dict[str, str]()
    for outside in service.env_file:
        read.append(Path(outside))
        values |= conf.environment(Path(outside).read_text().splitlines())
    values |= conf.environment(service.environment)
    return Given(
        bundle=str(bundle),
        node=node,
        platform="compose",
        files=_relative(read, bundle),
        values=values,
        places={each.target: os.path.normpath(file.parent / each.source) for each in service.volumes},
        hostname=service.hostname or node,
        version=_version(service.image, version),
        published=None if service.network_mode == "host" else dict(map(_published, service.ports)),
    )


def _linux(bundle: Path, node: str, version: str, environ: Mapping[str, str]) -> Given | None:
    folder = bundle / "linux" / node
    own_conf, install = folder / "kong.conf", folder / "install.sh"
    if not own_conf.is_file():
        return None
    values = conf.kong_conf(own_conf.read_text()) | conf.parameters(environ)
    decided = scripts.decided(install.read_text()) if install.is_file() else {}
    target, trust = decided.get("folder", ""), decided.get("trust", "")
    places = {f"{target}/{name}": str(bundle / "nodes" / node / name) for name in ("tls.crt", "tls.key")}
    if trust:
        places[f"{target}/{trust}"] = str(bundle / "trust" / trust)
    return Given(
        bundle=str(bundle),
        node=node,
        platform="linux",
        files=_relative([file for file in (own_conf, install) if file.is_file()], bundle),
        values=values,
        places=places,
        hostname=node,
        version=_version(decided.get("version", ""), version),
    )


_Reader = Callable[[Path, str, str, Mapping[str, str]], Given | None]
_PLATFORMS: Final[dict[str, _Reader]] = {"docker": _docker, "compose": _compose, "linux": _linux}


def _flags(script: str, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The options that `run.sh` gives its engine, those of other variants of the host left out."""
    if variables.get("env_file"):
        yield "env-file", variables["env_file"]  # the script puts it in front of its own, which wins
    _, _, body = script.partition("run_container() {\n")
    for line in body.partition("--detach")[0].splitlines():
        if found := _FLAG.fullmatch(line.strip().removesuffix("\\").strip()):
            name, value = scripts.words(found[0], variables)
            yield name.removeprefix("--"), value


def _of(name: str, flags: list[tuple[str, str]]) -> Iterator[str]:
    return (value for flag, value in flags if flag == name)


def _mount(volume: str) -> tuple[str, str]:
    here, there, _how = volume.rsplit(":", 2)
    return there, here


def _published(publish: str) -> tuple[int, tuple[str, int]]:
    address, outer, inner = publish.rsplit(":", 2)
    return int(inner), (address.strip("[]"), int(outer))


def _version(said: str, otherwise: str) -> str:
    found = _VERSION.search(said.rpartition(":")[2])
    return found[0] if found else otherwise


def _relative(files: list[Path], bundle: Path) -> tuple[str, ...]:
    return tuple(os.path.relpath(file, bundle) if file.is_relative_to(bundle) else str(file) for file in files)
