// Before anything is drawn: the language and the theme that were chosen, so that nothing flashes.
(function () {
  var root = document.documentElement;
  var read = function (key) { try { return localStorage.getItem(key); } catch (_) { return null; } };
  var theme = read("reelay.theme");
  var dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.classList.toggle("dark", dark);
  root.lang = read("reelay.language") || (/^zh/i.test(navigator.language) ? "zh-CN" : "en");
})();
