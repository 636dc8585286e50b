-- One request a line of IDS ("<project> <token> [etag]"), round robin over all of them from FIRST on.
local requests, i = {}, tonumber(os.getenv("FIRST"))
for line in io.lines(os.getenv("IDS")) do
  local id, token, etag = line:match("^(%S+) (%S+) ?(.*)$")
  local headers = { Authorization = "Bearer " .. token }
  if etag ~= "" then headers["If-None-Match"] = etag end
  requests[#requests + 1] = { "/api/video-creation/projects/" .. id .. "/status", headers }
end
request = function()
  i = i % #requests + 1
  return wrk.format("GET", requests[i][1], requests[i][2])
end
-- Between the calls of a connection; by chance, so that they don't all call at once.
local pause = tonumber(os.getenv("PAUSE_MS"))
if pause > 0 then
  delay = function() return math.random(0, 2 * pause) end
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"rate": %.2f, "requests": %d, "p50_ms": %.3f, "p99_ms": %.3f, "errors": %d}\n',
    summary.requests / summary.duration * 1e6, summary.requests, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.status + e.connect + e.read + e.timeout))
end
