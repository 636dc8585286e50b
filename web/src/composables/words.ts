/** Times, spans and the server's codes in the page's language. */
import { useNow } from "@vueuse/core";
import { useI18n } from "vue-i18n";

import { there } from "@/api/clock";
import { ApiError } from "@/api/errors";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function useWords() {
  const { t, te, locale } = useI18n();
  const now = useNow({ interval: 30_000 });

  function ago(at: string): string {
    // What has happened is not to come, whatever this device's clock says.
    const seconds = Math.min(0, (new Date(at).getTime() - there(now.value)) / 1000);
    if (Math.abs(seconds) > 30 * 86_400) return new Date(at).toLocaleDateString(locale.value);
    for (const [unit, size] of STEPS) {
      if (Math.abs(seconds) >= size) {
        const format = new Intl.RelativeTimeFormat(locale.value, { numeric: "auto" });
        return format.format(Math.round(seconds / size), unit);
      }
    }
    return t("time.now");
  }

  /** 75 → "1 分 15 秒". */
  function span(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return t("time.seconds", { s: whole });
    const [m, s] = [Math.floor(whole / 60), whole % 60];
    return s ? t("time.minutesSeconds", { m, s }) : t("time.minutes", { m });
  }

  /** A failed call, in the page's words, with the figures that the server names. */
  function refusal(error: unknown): string {
    if (!(error instanceof ApiError) || !te(`problem.${error.code}`)) return t("problem.internal");
    return t(`problem.${error.code}`, error.extra);
  }

  /** Why a run failed. */
  function failure(error: { code: string; message: string }): string {
    return te(`failure.${error.code}`) ? t(`failure.${error.code}`) : error.message;
  }

  /** A refusal; where something could not be made, why. */
  function outcome(error: unknown): string {
    const reason = error instanceof ApiError ? error.extra["reason"] : undefined;
    return typeof reason === "string" ? failure({ code: reason, message: refusal(error) }) : refusal(error);
  }

  return { ago, span, refusal, failure, outcome };
}
