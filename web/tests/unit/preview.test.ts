// A preview that was made, and can't be played.
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, expect, test, vi } from "vitest";

import ScenePreview from "@/components/ScenePreview.vue";
import { i18n, speak } from "@/i18n";
import { aProject, json } from "./projectpage";

afterEach(() => vi.unstubAllGlobals());

test("a preview that can't be played says so, and can be asked for again", async () => {
  await speak("zh-CN");
  let asked = 0;
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    return json(200, { state: "ready", voiced: true, clip: { url: "/clip.mp4" }, still: null });
  });
  HTMLDialogElement.prototype.showModal ??= function show(this: HTMLDialogElement) {
    this.open = true;
  };
  const preview = mount(ScenePreview, { props: { project: aProject(), modelValue: undefined }, global: { plugins: [i18n] } });
  await preview.setProps({ modelValue: { id: "a", number: 1 } });
  await flushPromises();

  await preview.get("video").trigger("error");
  expect(preview.get("[role=alert]").text()).toContain("预览无法播放");
  expect(preview.get("[data-test=preview]").attributes("data-state")).toBe("failed");

  await preview.get("[role=alert] button").trigger("click");
  await flushPromises();
  expect([preview.find("video").exists(), asked]).toEqual([true, 2]);
});
