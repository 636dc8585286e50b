#!/bin/sh
# An article becomes a video, with curl alone. / 只用 curl，把一篇文章变成视频。
#   sh examples/submit.sh [article.md] [video.mp4]
# REELAY_URL: the server / 服务地址   REELAY_TOKEN: a bearer token, where one is needed / 令牌
set -eu

article=${1:-$(dirname "$0")/article.zh-CN.md}
video=${2:-video.mp4}
api=${REELAY_URL:-http://localhost:5173}/api/video-creation

call() { # method, path, more of curl's options / 方法、路径、其他选项
    method=$1 path=$2
    shift 2
    curl --silent --show-error --fail-with-body --retry 5 --request "$method" "$api$path" \
        ${REELAY_TOKEN:+--header "Authorization: Bearer $REELAY_TOKEN"} "$@"
}

field() { # the first text of that name in the answer / 取出应答中的一个字段
    sed -n "s/.*\"$1\":\"\\{0,1\\}\\([^\",}]*\\).*/\\1/p" | head -n 1
}

refused() { # says why and ends / 说明原因并退出
    printf '%s\n' "$answer" >&2
    exit 1
}

# The text as a JSON string: escape \ and ", keep line breaks, drop other control characters.
# 转成 JSON 字符串。
text=$(tr -d '\000-\010\013-\037' <"$article" | sed 's/\\/\\\\/g; s/"/\\"/g; s/	/\\t/g' |
    awk '{printf "%s\\n", $0}')

# autoProduce: the script is not waited for. An Idempotency-Key makes a repeated call harmless.
# autoProduce：不等人确认脚本；带 Idempotency-Key，重复提交也只建一个项目。
answer=$(printf '{"article": "%s", "autoProduce": true}' "$text" |
    call POST /projects --header "Content-Type: application/json" \
        --header "Idempotency-Key: $(date +%s)-$$" --data-binary @-) || refused
id=$(printf '%s\n' "$answer" | field projectId)
echo "project $id"

# Ask for what differs from the last answer; the server waits up to 20 s for it.
# 只问变化：状态没变时，服务器最多等 20 秒。
etag=''
while :; do
    answer=$(call GET "/projects/$id/status?wait=20" --retry 0 --include \
        --header "If-None-Match: $etag") || case $answer in
    '' | HTTP/???\ 503* | HTTP/?\ 503*) # away for a moment / 暂时不可用
        sleep 2
        continue
        ;;
    *) refused ;;
    esac
    answer=$(printf '%s\n' "$answer" | tr -d '\r')
    etag=$(printf '%s\n' "$answer" | sed -n 's/^[Ee][Tt]ag: //p')
    status=$(printf '%s\n' "$answer" | field status)
    [ -n "$status" ] || continue # 304: nothing new / 没有变化
    echo "$(printf '%s\n' "$answer" | field progress) % $(printf '%s\n' "$answer" | field progressMessage)"
    case $status in
    EDITING | COMPLETED) break ;;
    FAILED) printf '%s\n' "$answer" | tail -n 1 >&2 && exit 1 ;;
    esac
    # Nothing runs any more. / 已无任务在运行。
    if [ "$(printf '%s\n' "$answer" | field pollAfterMs)" = null ]; then
        echo "no video, the run is $(printf '%s\n' "$answer" | field runState)" >&2
        exit 1
    fi
done

call GET "/projects/$id/artifacts/video.mp4" --output "$video"
echo "$video"
