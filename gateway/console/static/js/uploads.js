// Files on their way to the node: in pieces, with progress, resumed after a break. The
// node seals each piece as it comes. Of a file that is under way the browser keeps a
// digest of its name, size and date with the id of its upload, until the window is
// closed: so the same file goes on where it stopped after the page was loaded anew.
(() => {
  "use strict";
  const API = "/api/v1/uploads";
  const PIECE = 8 * 1024 * 1024;
  const MOST_DIGESTED = 512 * 1024 * 1024; // a digest takes the whole file into memory
  const FIRST_WAIT_MS = 1000;
  const LONGEST_WAIT_MS = 30000;
  const KEEP = "mla-upload-";

  const place = () => document.getElementById("coming");
  const said = (name) => place().dataset[`said${name[0].toUpperCase()}${name.slice(1)}`];
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");

  class Refusal extends Error {}

  function headers(extra) {
    return { "X-CSRF-Token": document.querySelector("meta[name=csrf]").content, ...extra };
  }

  async function answerOf(response) {
    if (response.ok) return response.status === 204 ? null : response.json();
    const problem = await response.json().catch(() => ({}));
    const text = problem.detail || problem.title || `${response.status}`;
    // What the node may do later is waited for; what it refuses is not asked again.
    if (response.status === 429 || response.status >= 500 || problem.code === "conflict") {
      const wait = Number(response.headers.get("Retry-After")) || 0;
      throw Object.assign(new Error(text), { waitMs: wait * 1000 });
    }
    throw Object.assign(new Refusal(text), { status: response.status });
  }

  async function call(method, path, body) {
    return answerOf(
      await fetch(path, {
        method,
        credentials: "same-origin",
        headers: headers(body ? { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() } : {}),
        body: body && JSON.stringify(body),
      }),
    );
  }

  function put(id, offset, piece, onProgress) {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("PUT", `${API}/${id}?offset=${offset}`);
      for (const [name, value] of Object.entries(headers({ "Content-Type": "application/octet-stream" }))) {
        request.setRequestHeader(name, value);
      }
      request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
      request.addEventListener("error", () => failed(new Error("network")));
      request.addEventListener("load", () => {
        const response = new Response(request.status === 204 ? null : request.responseText, {
          status: request.status,
          headers: { "Retry-After": request.getResponseHeader("Retry-After") || "" },
        });
        answerOf(response).then(done, failed);
      });
      request.send(piece);
    });
  }

  async function markOf(file) {
    const told = new TextEncoder().encode(`${file.name}\0${file.size}\0${file.lastModified}`);
    return KEEP + hex(await crypto.subtle.digest("SHA-256", told));
  }

  // --- one line of the list ---

  class Line {
    constructor(file) {
      this.file = file;
      this.item = document.createElement("li");
      this.name = document.createElement("strong");
      this.name.textContent = file.name;
      this.bar = document.createElement("progress");
      this.bar.max = Math.max(file.size, 1);
      this.bar.setAttribute("aria-label", file.name);
      this.bar.value = 0;
      this.state = document.createElement("span");
      this.state.className = "quiet";
      this.buttons = document.createElement("span");
      this.item.append(this.name, " ", this.bar, " ", this.state, " ", this.buttons);
      place().querySelector(".uploads").append(this.item);
    }

    show(text, bytes) {
      const share = Math.floor((100 * bytes) / Math.max(this.file.size, 1));
      this.bar.value = bytes;
      this.state.textContent = bytes < this.file.size ? `${share} % · ${text}` : text;
    }

    offer(label, action) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.textContent = label;
      button.addEventListener("click", () => {
        this.buttons.replaceChildren();
        action();
      });
      this.buttons.append(button);
    }

    fail(text) {
      this.item.className = "bad";
      this.state.textContent = text;
      this.state.className = "error";
    }
  }

  // --- the way of one file ---

  async function begun(file, mark) {
    const kept = sessionStorage.getItem(mark);
    if (kept) {
      try {
        const found = await call("GET", `${API}/${kept}`);
        if (found.size === file.size && found.state !== "used") return found;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
      sessionStorage.removeItem(mark);
    }
    const made = await call("POST", API, { name: file.name, size: file.size });
    sessionStorage.setItem(mark, made.id);
    return made;
  }

  async function patiently(line, work) {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Refusal) throw error;
        line.show(said("waiting"), line.bar.value);
        await sleep(Math.max(wait, error.waitMs || 0));
      }
    }
  }

  async function send(file, line) {
    const mark = await markOf(file);
    let upload = await patiently(line, () => begun(file, mark));
    let hasFailed = false;
    while (upload.state !== "complete") {
      if (upload.state === "recovering" || hasFailed) {
        line.show(said("reading"), upload.recovered || upload.offset);
        if (upload.state === "recovering") await sleep(FIRST_WAIT_MS);
        const id = upload.id;
        upload = await patiently(line, () => call("GET", `${API}/${id}`));
        hasFailed = false;
        continue;
      }
      const { id, offset } = upload;
      line.show(said("sending"), offset);
      try {
        const piece = file.slice(offset, offset + PIECE);
        upload = await put(id, offset, piece, (sent) => line.show(said("sending"), offset + sent));
      } catch (error) {
        if (error instanceof Refusal) throw error;
        line.show(said("waiting"), offset);
        await sleep(Math.max(FIRST_WAIT_MS, error.waitMs || 0));
        hasFailed = true;
      }
    }
    line.show(said("done"), file.size);
    await compare(file, upload, line);
    sessionStorage.removeItem(mark);
    await window.mlaCompose.attach(upload.id, upload.name || file.name);
    line.item.dataset.done = upload.name || file.name;
  }

  async function compare(file, upload, line) {
    const told = document.createElement("code");
    told.textContent = `SHA-256 ${upload.sha256}`;
    line.item.append(told);
    if (file.size > MOST_DIGESTED) return;
    const ours = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    if (ours !== upload.sha256) throw new Refusal(said("other"));
    line.show(`${said("done")} · ${said("same")} ✓`, file.size);
    line.item.className = "good";
  }

  function start(file) {
    const line = new Line(file);
    const run = () => {
      line.item.className = "";
      line.state.className = "quiet";
      send(file, line).catch((error) => {
        line.fail(error.message);
        line.offer(said("resume"), run);
        line.offer(said("drop"), () => line.item.remove());
      });
    };
    run();
  }

  document.addEventListener("change", (event) => {
    if (event.target.id !== "pick") return;
    for (const file of event.target.files) start(file);
    event.target.value = "";
  });
})();
