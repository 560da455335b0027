// Light or dark: what the system says, until the reader chooses. Kept in a cookie, so
// that the node draws the page right from the start.
(() => {
  "use strict";
  const root = document.documentElement;
  const isDark = () =>
    (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

  function toggle() {
    const theme = isDark() ? "light" : "dark";
    root.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `mla-theme=${theme}; Path=/console; Max-Age=31536000; SameSite=Strict${secure}`;
    document.dispatchEvent(new CustomEvent("mla:theme"));
  }

  document.getElementById("theme")?.addEventListener("click", toggle);
  window.mlaTheme = { toggle };
})();
