"""``python -m media_worker [--stages voice,clip]``: the service's process."""

import argparse
import os

from shared.runtime.loading import lean

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m media_worker")
    parser.add_argument(
        "--stages",
        help="which stages to serve, as MEDIA_STAGES: voice,visual,clip,assembly,preview",
    )
    if stages := parser.parse_args().stages:
        os.environ["MEDIA_STAGES"] = stages
    with lean():
        from media_worker.main import main
        from shared.runtime import service
    service.run("media-worker", main)
