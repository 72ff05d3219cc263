"""Writes `konnect_tui/gateway/parameters.json` from Kong's own description of every release's parameters.

    python tests/tools/write_parameters.py SOURCE.json

SOURCE holds `{"3.4": {name: default or null, …}, …}`: the `_data/kong-conf/*.json` files of
Kong/developer.konghq.com, one per release. One line per parameter comes out: the spans of releases that have
it, each with the default it has there.
"""

import json
import sys
from pathlib import Path

TABLE = Path(__file__).parents[2] / "konnect_tui" / "gateway" / "parameters.json"
SOURCE = "Kong/developer.konghq.com, app/_data/kong-conf/*.json"
AS_OF = "2026-08-21"

Spans = list[tuple[str, str, str | None]]


def spans(name: str, releases: dict[str, dict[str, str | None]]) -> Spans:
    """The releases that have a parameter, as (first, last, default), a new span where the default changes."""
    found: Spans = []
    previous = None
    for version, parameters in releases.items():
        if name in parameters:
            default = parameters[name]
            if found and found[-1][1] == previous and found[-1][2] == default:
                found[-1] = (found[-1][0], version, default)
            else:
                found.append((version, version, default))
        previous = version
    return found


def table(releases: dict[str, dict[str, str | None]]) -> str:
    """The text of the table, one parameter on a line."""
    ordered = dict(sorted(releases.items(), key=lambda item: [int(part) for part in item[0].split(".")]))
    names = sorted({name for parameters in ordered.values() for name in parameters})
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(spans(name, ordered))}" for name in names)
    head = f'"source": {json.dumps(SOURCE)},\n"as_of": {json.dumps(AS_OF)},\n"releases": {json.dumps([*ordered])},'
    return f'{{\n{head}\n"parameters": {{\n{rows}\n}}\n}}\n'


if __name__ == "__main__":
    TABLE.write_text(table(json.loads(Path(sys.argv[1]).read_text())))
