// Buttons that copy an id or fingerprint, and say that they did.
(() => {
  "use strict";
  const said = document.getElementById("copied");

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      const field = document.createElement("textarea");
      field.value = button.dataset.copy;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    said.textContent = "";
    requestAnimationFrame(() => { said.textContent = said.dataset.text; });
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1200);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) copy(button);
  });
})();
