// Keys: / searches, ? helps, g and a letter go to a page, j and k walk through rows.
(() => {
  "use strict";
  const help = document.getElementById("help");
  let isGoing = false;
  let goingTimer = 0;
  let row = -1;

  document.getElementById("help-open")?.addEventListener("click", () => help.showModal());

  const isTyping = (target) =>
    target instanceof Element && (target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select") || target.isContentEditable);

  function go(letter) {
    isGoing = false;
    const link = document.querySelector(`.menu a[data-key="${CSS.escape(letter)}"]`);
    if (link) location.assign(link.href);
    return Boolean(link);
  }

  function walk(step) {
    const links = [...document.querySelectorAll("main a.row")];
    if (!links.length) return false;
    const focused = links.indexOf(document.activeElement);
    row = Math.min(Math.max((focused >= 0 ? focused : row) + step, 0), links.length - 1);
    links[row].focus();
    links[row].scrollIntoView({ block: "nearest" });
    return true;
  }

  const actions = {
    "/": () => { const find = document.getElementById("find"); find?.focus(); find?.select(); return Boolean(find); },
    "?": () => { help?.showModal(); return Boolean(help); },
    g: () => { isGoing = true; clearTimeout(goingTimer); goingTimer = setTimeout(() => { isGoing = false; }, 1500); return true; },
    j: () => walk(1),
    k: () => walk(-1),
    p: () => { window.mlaRefresh.toggle(); return true; },
    t: () => { window.mlaTheme.toggle(); return true; },
  };

  // Who dictates or types by accident can do without single keys (WCAG 2.1.4).
  const box = document.getElementById("keys-on");
  if (box) {
    box.checked = localStorage.getItem("mla-keys") !== "off";
    box.addEventListener("change", () => localStorage.setItem("mla-keys", box.checked ? "on" : "off"));
  }

  document.addEventListener("keydown", (event) => {
    if (box && !box.checked) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && isTyping(event.target)) { event.target.blur(); return; }
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const isDone = isGoing ? go(event.key) : actions[event.key]?.();
    if (isDone) event.preventDefault();
  });
})();
