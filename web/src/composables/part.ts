/** A part of a page that is loaded when it is needed. One that the server no longer has brings the page anew: this tab is older than the last upgrade. */
import { type AsyncComponentLoader, type Component, defineAsyncComponent } from "vue";

import { reloadOnce } from "@/router";

export const part = <T extends Component>(loader: AsyncComponentLoader<T>, missed = reloadOnce) =>
  defineAsyncComponent<T>({
    loader,
    onError: (_error, _retry, fail) => {
      missed();
      fail();
    },
  });
