/** The example article that comes with Reelay, in the page's language. */
import type { Language } from "@/api/types";

export async function exampleArticle(language: Language): Promise<string> {
  const found =
    language === "zh-CN"
      ? await import("../../../examples/article.zh-CN.md?raw")
      : await import("../../../examples/article.en.md?raw");
  return found.default;
}
