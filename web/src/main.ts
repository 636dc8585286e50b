import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { createPinia } from "pinia";
import { createApp } from "vue";

import { ApiError } from "./api/errors";
import App from "./App.vue";
import { i18n, speak } from "./i18n";
import { router } from "./router";
import { usePreferences } from "./stores/preferences";
import "element-plus/theme-chalk/base.css";
import "element-plus/theme-chalk/dark/css-vars.css";
import "./styles/theme.css";
import "./styles/base.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => count < 2 && error instanceof ApiError && error.passing,
      retryDelay: (count) => 500 * 2 ** count,
    },
  },
});

const app = createApp(App).use(createPinia()).use(router).use(i18n).use(VueQueryPlugin, { queryClient: queries });
await speak(usePreferences().language);
app.mount("#app");
