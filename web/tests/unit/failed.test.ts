// What a failed run offers.
import { mount } from "@vue/test-utils";
import { createPinia } from "pinia";
import { expect, test } from "vitest";

import type { Project, Status } from "@/api/types";
import FailedPanel from "@/components/FailedPanel.vue";
import { i18n, speak } from "@/i18n";
import { aStatus } from "./a";

function failed(code: string, userCanRetry: boolean, change: Partial<Status> = {}) {
  const error = { code, message: code, userCanRetry, stage: "script", scene: null, sceneId: null } as unknown as Status["error"];
  const status = aStatus({ status: "FAILED", runState: "failed", runKind: "script", scriptReady: false, error, ...change });
  const project = { projectId: "p1", source: { kind: "topic", text: "雨水" } } as unknown as Project;
  const stubs = { SourceEdit: true, SceneGrid: true };
  return mount(FailedPanel, { props: { status, project, busy: false }, global: { plugins: [createPinia(), i18n], stubs } });
}

test.each([
  ["provider_quota_spent", true, ["retry"]],
  ["reply_invalid", false, ["anew"]],
  ["internal", true, ["retry", "anew"]],
  ["source_empty", false, []],
])("after %s the page offers %s %j", async (code, userCanRetry, offered) => {
  await speak("zh-CN");
  const panel = failed(code, userCanRetry);
  const seen = ["retry", "anew"].filter((name) => panel.find(`[data-test=${name}]`).exists());
  expect(seen).toEqual(offered);
  for (const name of seen) await panel.find(`[data-test=${name}]`).trigger("click");
  expect(Object.keys(panel.emitted())).toEqual(expect.arrayContaining(offered));
});

test("a script that is there is not thrown away for a scene that could not be rewritten", () => {
  const panel = failed("reply_invalid", false, { scriptReady: true });
  expect(panel.find("[data-test=anew]").exists()).toBe(false);
});
