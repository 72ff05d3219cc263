"""The stand-in as a program: `python tests/fake_konnect --planes 10000` prints its url and token, and serves.

It ends when its standard input does, so that no test can leave one behind.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fake_konnect.server import FakeKonnect


def main() -> None:
    """Print one line of JSON when ready: `url` for `--api-url`, and `token`."""
    parser = argparse.ArgumentParser(prog="python tests/fake_konnect", description=__doc__)
    parser.add_argument("--planes", type=int, default=0, help="how many control planes the region has")
    parser.add_argument("--nodes", type=int, default=0, help="how many nodes the first of them has")
    parser.add_argument("--region", default="eu", help="the region they are in (default eu)")
    parser.add_argument("--latency", type=float, default=0.0, help="how long every answer takes, in seconds")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    with FakeKonnect(port=options.port, latency=options.latency) as konnect:
        for number in range(1, options.planes + 1):
            plane = konnect.add_control_plane(options.region, f"plane-{number:05d}", labels={"team": f"t{number % 17}"})
            if number == 1:
                for node in range(1, options.nodes + 1):
                    konnect.add_node(plane, f"edge-{node}")
        print(json.dumps({"url": konnect.url, "token": konnect.token}), flush=True)  # noqa: T201 - its one line
        sys.stdin.read()


if __name__ == "__main__":
    main()
