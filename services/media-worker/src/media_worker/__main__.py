"""``python -m media_worker [--stages voice,clip]``: the service's process."""

import argparse
import os

from shared.runtime.launching import launch

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="media_worker", description="Reelay's media worker")
    parser.add_argument(
        "--stages",
        help="which stages to serve, as MEDIA_STAGES: voice,visual,clip,assembly,preview",
    )
    if stages := parser.parse_args().stages:
        os.environ["MEDIA_STAGES"] = stages
    launch("media-worker", "media_worker.main")
