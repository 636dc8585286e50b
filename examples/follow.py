"""An article becomes a video, followed by polling. / 提交文章，轮询进度，取回视频。

python examples/follow.py [article.md] [video.mp4]     needs httpx / 需要 httpx
REELAY_URL: the server / 服务地址; REELAY_TOKEN: a bearer token, where one is needed / 令牌
"""

import os
import sys
import time
from pathlib import Path
from uuid import uuid4

import httpx

ARTICLE = Path(__file__).parent / "article.zh-CN.md"


def main(article: Path, video: Path) -> None:
    token = os.environ.get("REELAY_TOKEN")
    url = os.environ.get("REELAY_URL", "http://localhost:5173") + "/api/video-creation"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(base_url=url, headers=headers, timeout=30) as api:
        # The same key for the same order: sent twice, made once. / 同一个键：重复提交只做一次。
        order = {"article": article.read_text("utf-8"), "autoProduce": True}
        made = api.post("/projects", json=order, headers={"Idempotency-Key": str(uuid4())})
        project = f"/projects/{made.raise_for_status().json()['projectId']}"

        followed(api, project)

        with api.stream("GET", f"{project}/artifacts/video.mp4") as file, video.open("wb") as out:
            for part in file.raise_for_status().iter_bytes():
                out.write(part)
        print(video)


def followed(api: httpx.Client, project: str) -> None:
    """Until the video is there; an unchanged status costs a 304. / 没有变化时只是一个 304。"""
    etag = ""
    while True:
        try:
            answer = api.get(f"{project}/status", headers={"If-None-Match": etag})
        except httpx.TransportError:  # no answer: it may be starting again / 可能正在重启
            time.sleep(2)
            continue
        if answer.status_code == 503:  # away for a moment / 暂时不可用
            time.sleep(int(answer.headers["Retry-After"]))
            continue
        if answer.status_code != 304:
            status = answer.raise_for_status().json()
            etag = answer.headers["ETag"]
            print(f"{status['progress']} % {status['progressMessage']}")
            if status["status"] == "FAILED":
                sys.exit(f"{status['error']['code']}: {status['error']['message']}")
            if status["videoReady"]:
                return
            if status["pollAfterMs"] is None:  # nothing runs any more / 已无任务在运行
                sys.exit(f"no video, the run is {status['runState']}")
        time.sleep(status["pollAfterMs"] / 1_000)


if __name__ == "__main__":
    given = [Path(said) for said in sys.argv[1:]]
    main(*given, *[ARTICLE, Path("video.mp4")][len(given) :])
