// Pages whose content carries `data-refresh="SECONDS"` are kept up to date. What the
// reader is at stays: focus, scrolling, selected text, open details, half-filled forms.
(() => {
  "use strict";
  const KEY = "mla-paused";
  const region = () => document.querySelector("[data-refresh][id]");
  const button = document.getElementById("pause");
  const stamp = document.getElementById("refreshed");
  let isPaused = sessionStorage.getItem(KEY) === "yes";
  let timer = 0;

  // The node knows nothing of what a reader has unfolded or ticked.
  htmx.registerExtension("mla-keep", {
    htmx_before_morph_attr: (element, detail) =>
      !(detail.attrName === "open" && element.tagName === "DETAILS") &&
      !(detail.attrName === "checked"),
  });

  function isBusy() {
    const here = region();
    const selection = document.getSelection();
    if (document.hidden || document.querySelector("dialog[open]")) return true;
    if (selection && !selection.isCollapsed && here.contains(selection.anchorNode)) return true;
    const active = document.activeElement;
    return here.contains(active) && active.matches("input:not([type=checkbox]), textarea, select");
  }

  async function refresh() {
    const here = region();
    if (!here || isPaused || isBusy()) return;
    const id = `#${here.id}`;
    const { scrollX, scrollY } = window;
    try {
      await htmx.ajax("GET", location.href, { target: id, select: id, swap: "outerMorph" });
      window.scrollTo(scrollX, scrollY);
      show();
    } catch {
      // The next try tells; a node that restarts is back in a moment.
    }
  }

  function show() {
    const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium" });
    stamp.textContent = clock.format(new Date());
  }

  function draw() {
    button.setAttribute("aria-pressed", String(isPaused));
    button.textContent = isPaused ? button.dataset.resume : button.dataset.pause;
  }

  function toggle() {
    isPaused = !isPaused;
    sessionStorage.setItem(KEY, isPaused ? "yes" : "no");
    draw();
    if (!isPaused) refresh();
  }

  window.mlaRefresh = { toggle, refresh };
  if (!button || !region()) return;
  document.getElementById("refresher").hidden = false;
  button.addEventListener("click", toggle);
  draw();
  show();
  timer = setInterval(refresh, Number(region().dataset.refresh) * 1000);
  addEventListener("pagehide", () => clearInterval(timer));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
})();
