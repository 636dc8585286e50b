/** Loaded when the first toast is shown. */
import "element-plus/es/components/notification/style/css";

export { ElNotification } from "element-plus/es/components/notification/index";
