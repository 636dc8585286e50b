// The front-end calls of the requirements document, with its own field names, by plain fetch.
// Run by tests/e2e/test_front_end_calls.py, which starts the stack and sets API_URL.
import assert from "node:assert/strict";
import { test } from "node:test";

const base = `${process.env.API_URL}/api`;
const videoCreationRequest = {
  async get(path) {
    const response = await fetch(base + path, { signal: AbortSignal.timeout(60_000) });
    assert.ok(response.ok, `${path}: ${response.status}`);
    return { data: await response.json() };
  },
  async post(path, body) {
    const response = await fetch(base + path, {
      method: "POST",
      headers: { "Content-Type": "application/json; charset=utf-8" },
      body: JSON.stringify(body ?? {}),
      signal: AbortSignal.timeout(60_000),
    });
    assert.ok(response.ok, `${path}: ${response.status} ${response.statusText}`);
    return { data: await response.json() };
  },
};

/** Polls as the page does, until `ended` says so; answers every status seen. */
function polled(projectId, ended, { every = 200, within = 120_000 } = {}) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const late = setTimeout(() => stop(() => reject(new Error("the run did not end"))), within);
    const stop = (then) => { clearInterval(timer); clearTimeout(late); then(); };
    const timer = setInterval(async () => {
      try {
        const response = await videoCreationRequest.get(`/video-creation/projects/${projectId}/status`);
        seen.push(response.data);
        if (response.data.status === "FAILED") stop(() => reject(new Error(response.data.error.message)));
        else if (ended(response.data)) stop(() => resolve(seen));
      } catch {
        // One failed poll does not end the polling.
      }
    }, every);
  });
}

test("the document's way from the form to the finished video", async () => {
  const formData = { title: "海绵城市", topic: "城市里的雨水去哪儿了" };
  const created = await videoCreationRequest.post("/video-creation/projects", formData);
  const projectId = created.data.projectId;
  assert.ok(projectId);

  const before = Date.now();
  await videoCreationRequest.post(`/video-creation/projects/${projectId}/script`);
  assert.ok(Date.now() - before < 10_000, "submitting does not wait for the AI");

  const writing = await polled(projectId, (s) => s.status === "DRAFT" && s.scriptReady);
  const written = writing.at(-1);
  assert.equal(written.progress, 100);
  assert.equal(written.progressMessage, "脚本生成完成");
  assert.ok(written.completedAt);
  assert.equal(written.notified, false);

  const marked = await videoCreationRequest.post(`/video-creation/projects/${projectId}/notified`);
  assert.deepEqual(marked.data, { first: true });

  const unfinished = await videoCreationRequest.get("/video-creation/unfinished");
  assert.ok(Array.isArray(unfinished.data) && unfinished.data.length <= 10);
  const project = unfinished.data.find((item) => item.id === projectId);
  assert.equal(project.status, "DRAFT");

  await videoCreationRequest.post(`/video-creation/projects/${projectId}/production`);
  const producing = await polled(projectId, (s) => s.status === "EDITING");
  const percents = producing.map((s) => s.progress);
  assert.deepEqual(percents, [...percents].sort((a, b) => a - b), "progress never falls");
  assert.ok(producing.some((s) => s.status === "GENERATING_VIDEO"));

  await videoCreationRequest.post(`/video-creation/projects/${projectId}/complete`);
  const done = await videoCreationRequest.get(`/video-creation/projects/${projectId}/status`);
  assert.equal(done.data.status, "COMPLETED");
  assert.equal(done.data.progress, 100);
});
