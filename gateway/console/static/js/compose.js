// The form of a message. Without this script every button posts the form and the page
// comes back; with it the page stays, and what is written is checked as it is typed.
// Nothing is kept in the browser: who leaves with something written is asked.
(() => {
  "use strict";
  const TYPING_MS = 700;
  const CHOSEN_MS = 80;
  const STAYING = /^(check|check-all|take|add:|open:|remove:|narrow:|attach:)/;

  const page = () => document.getElementById("compose");
  let edits = 0; // counts what was typed, to know an answer that came too late
  let isDirty = false;
  let isLeaving = false;
  let timer = 0;
  let checking = null; // a newer check makes the one before it needless
  let acting = Promise.resolve(); // what buttons ask for is done one after the other

  // --- sending once ---

  const review = document.getElementById("review");
  if (review) {
    let isSent = false;
    review.addEventListener("submit", (event) => {
      if (isSent) event.preventDefault();
      isSent = true;
      // Not disabled: a disabled button is not posted.
      review.setAttribute("aria-busy", "true");
    });
    window.addEventListener("pageshow", () => {
      isSent = false;
      review.removeAttribute("aria-busy");
    });
  }
  if (!page()) return;

  // --- asking the node ---

  function bodyOf(action, extra) {
    const data = new FormData(page());
    data.delete("_do");
    const body = new URLSearchParams();
    for (const [name, value] of data) if (typeof value === "string") body.append(name, value);
    for (const [name, value] of extra || []) body.append(name, value);
    body.append("_do", action);
    return body;
  }

  async function post(action, extra, signal) {
    const answer = await fetch(page().action, {
      method: "POST",
      body: bodyOf(action, extra),
      credentials: "same-origin",
      signal,
    });
    if (answer.redirected) {
      // The session ended: the page to sign in came instead.
      throw new Error(page().dataset.lost);
    }
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  function complain(text) {
    const place = document.getElementById("problems");
    place.replaceChildren();
    if (!text) return;
    const told = document.createElement("p");
    told.className = "notice bad";
    told.textContent = text;
    place.append(told);
  }

  function act(action, extra) {
    acting = acting.then(() => acted(action, extra));
    return acting;
  }

  async function acted(action, extra) {
    edits += 1; // a check under way is of the form as it was
    page().setAttribute("aria-busy", "true");
    const before = written();
    try {
      const came = await post(action, extra);
      complain("");
      // A file that is ready does not take people away from what they are writing.
      replace(came, before, action.startsWith("attach:") && isWriting());
    } catch {
      complain(page().dataset.lost);
    } finally {
      page().removeAttribute("aria-busy");
    }
  }

  async function check() {
    await acting;
    if (checking) checking.abort();
    checking = new AbortController();
    const started = edits;
    const before = written();
    try {
      const came = await post("check", [], checking.signal);
      complain("");
      if (started !== edits) return; // more was typed meanwhile: that is checked next
      const fresh = came.getElementById("compose");
      if (!fresh) return;
      if (signature(fresh) === signature(page())) patch(came);
      else replace(came, before, true);
    } catch (error) {
      if (error.name !== "AbortError") complain(page().dataset.lost);
    }
  }

  const WRITABLE = "textarea[name], select[name], input[name]:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file])";

  function isWriting() {
    return document.activeElement.matches(WRITABLE) && page().contains(document.activeElement);
  }

  function written() {
    return new Map([...page().querySelectorAll(WRITABLE)].map((one) => [one.name, one.value]));
  }

  // What was typed while the node answered is put into the fields that came back.
  function carryOver(fresh, before) {
    for (const [name, value] of written()) {
      const there = fresh.querySelector(`[name="${CSS.escape(name)}"]`);
      if (there && before.get(name) !== value && there.matches(WRITABLE)) there.value = value;
    }
  }

  // --- showing what it said ---

  function signature(form) {
    return [...form.elements]
      .filter((one) => one.name && one.name !== "_reason" && one.type !== "file")
      .map((one) => `${one.name} ${one.matches("button, [type=checkbox]") ? one.value : ""}`)
      .join("\n");
  }

  function patch(came) {
    for (const slot of page().querySelectorAll(".told")) {
      const fresh = came.getElementById(slot.id);
      if (!fresh || fresh.innerHTML === slot.innerHTML) continue;
      slot.replaceChildren(...fresh.childNodes);
      const id = slot.id.replace(/-told$/, "");
      const freshField = came.getElementById(id) || came.getElementById(`${id}-text`);
      const field = document.getElementById(id) || document.getElementById(`${id}-text`);
      if (!field || !freshField) continue;
      if (freshField.hasAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
    for (const id of ["findings", "standing"]) {
      const here = document.getElementById(id);
      const fresh = came.getElementById(id);
      // A reason that is being written is not taken away.
      if (here && fresh && !here.contains(document.activeElement) && here.innerHTML !== fresh.innerHTML) {
        here.replaceChildren(...fresh.childNodes);
      }
    }
  }

  function replace(came, before, keepsFocus) {
    const fresh = came.getElementById("compose");
    if (!fresh) {
      const told = came.getElementById("problem") || came.querySelector("main");
      complain(told ? told.textContent.trim().slice(0, 400) : page().dataset.lost);
      return;
    }
    const old = page();
    const open = new Set([...old.querySelectorAll("details[open][id]")].map((one) => one.id));
    const active = document.activeElement;
    const caret = active.matches("textarea, input") ? active.selectionStart : null;
    const isTyped = [...written()].some(([name, value]) => before.get(name) !== value);
    carryOver(fresh, before);
    const coming = old.querySelector("#coming");
    const place = fresh.querySelector("#coming");
    if (coming && place) place.replaceWith(coming); // files under way stay
    for (const one of fresh.querySelectorAll("details[id]")) if (open.has(one.id)) one.open = true;
    old.replaceWith(document.adoptNode(fresh));
    prepare();
    const target = keepsFocus ? active.id : fresh.dataset.focus;
    if (target) look(target, keepsFocus);
    if (keepsFocus && caret !== null && document.activeElement.id === active.id) {
      document.activeElement.setSelectionRange(caret, caret);
    }
    if (isTyped) later(TYPING_MS);
  }

  function look(id, isQuiet) {
    const found = document.getElementById(id);
    if (!found) return;
    for (let above = found.parentElement; above; above = above.parentElement) {
      if (above.tagName === "DETAILS") above.open = true;
    }
    const fields = "input:not([type=hidden]), select, textarea, button";
    const first = found.matches(fields) || found.hasAttribute("tabindex") ? found : found.querySelector(fields);
    (first || found).focus({ preventScroll: Boolean(isQuiet) });
    if (!isQuiet) found.scrollIntoView({ block: "center" });
  }

  // --- what people do ---

  function prepare() {
    const pick = document.getElementById("pick");
    if (pick) pick.hidden = false;
    // A file whose item was taken out is forgotten.
    const names = [...page().querySelectorAll("[name$='.file_name']")].map((one) => one.value);
    for (const line of page().querySelectorAll(".uploads li[data-done]")) {
      if (!names.includes(line.dataset.done)) line.remove();
    }
  }

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(check, delay);
  }

  document.addEventListener("input", (event) => {
    if (!page().contains(event.target) || event.target.type === "file") return;
    edits += 1;
    isDirty = true;
    const isWritten = event.target.matches("textarea, input:not([type=checkbox]):not([type=radio])");
    later(isWritten ? TYPING_MS : CHOSEN_MS);
  });

  document.addEventListener("submit", (event) => {
    if (event.target !== page()) return;
    const action = event.submitter ? event.submitter.value : "check";
    if (!STAYING.test(action)) {
      isLeaving = true;
      return;
    }
    event.preventDefault();
    clearTimeout(timer);
    if (action === "check") {
      check();
    } else {
      isDirty = true;
      act(action);
    }
  });

  // A link of the list of problems leads into a part that may be folded away.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#findings a[href^='#']");
    if (!link) return;
    event.preventDefault();
    look(link.hash.slice(1));
  });

  window.addEventListener("beforeunload", (event) => {
    if (isDirty && !isLeaving) event.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    isLeaving = false;
  });

  window.mlaCompose = {
    attach(id, name) {
      isDirty = true;
      return act(`attach:${id}`, [["_upload", `${id}|${name}`]]);
    },
  };
  prepare();
  if (page().dataset.focus) look(page().dataset.focus);
})();
