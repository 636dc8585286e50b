"""An article becomes a video, told live by server-sent events. / 用 SSE 实时跟踪，取回视频。

python examples/live.py [article.md] [video.mp4]     needs httpx / 需要 httpx
REELAY_URL: the server / 服务地址; REELAY_TOKEN: a bearer token, where one is needed / 令牌
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

ARTICLE = Path(__file__).parent / "article.zh-CN.md"


def main(article: Path, video: Path) -> None:
    token = os.environ.get("REELAY_TOKEN")
    url = os.environ.get("REELAY_URL", "http://localhost:5173") + "/api/video-creation"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    # A sign of life comes every 15 s: 60 s of silence is a lost line. / 60 秒无声即断线。
    with httpx.Client(base_url=url, headers=headers, timeout=60) as api:
        order = {"article": article.read_text("utf-8"), "autoProduce": True}
        made = api.post("/projects", json=order, headers={"Idempotency-Key": str(uuid4())})
        project = f"/projects/{made.raise_for_status().json()['projectId']}"

        for status in statuses(api, f"{project}/events"):
            print(f"{status['progress']} % {status['progressMessage']}", flush=True)
            if status["status"] == "FAILED":
                sys.exit(f"{status['error']['code']}: {status['error']['message']}")
            if status["videoReady"]:
                break
            if status["pollAfterMs"] is None:  # nothing runs any more / 已无任务在运行
                sys.exit(f"no video, the run is {status['runState']}")

        # A signed link needs no token: for players and browsers. / 签名链接无需令牌，可给播放器。
        link = api.get(f"{project}/links/video.mp4").raise_for_status().json()["url"]
        video.write_bytes(
            httpx.get(str(httpx.URL(url).join(link)), timeout=60).raise_for_status().content
        )
        print(video)


def statuses(api: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    """Every connection begins with the status as it is, so a lost one is just opened again.

    每次连接先收到当前状态，断线重连即可。
    """
    while True:
        try:
            with api.stream("GET", path) as events:
                for line in events.raise_for_status().iter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line.removeprefix("data:"))
        except httpx.TransportError:
            pass
        except httpx.HTTPStatusError as refused:
            if refused.response.status_code != 503:  # 503: away for a moment / 暂时不可用
                raise
        time.sleep(2)


if __name__ == "__main__":
    given = [Path(said) for said in sys.argv[1:]]
    main(*given, *[ARTICLE, Path("video.mp4")][len(given) :])
