// Passkeys: forms with `data-passkey` ask the browser first, and send what it answers.
(() => {
  "use strict";
  const decode = (text) => {
    const plain = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(plain), (one) => one.charCodeAt(0));
  };
  const encode = (buffer) => {
    const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
    return plain.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  function wanted(form) {
    const options = JSON.parse(form.dataset.options);
    options.challenge = decode(options.challenge);
    if (options.user) options.user.id = decode(options.user.id);
    for (const list of [options.excludeCredentials, options.allowCredentials]) {
      for (const one of list ?? []) one.id = decode(one.id);
    }
    return { publicKey: options };
  }

  function told(credential) {
    const response = {};
    const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    for (const name of names) {
      if (credential.response[name]) response[name] = encode(credential.response[name]);
    }
    return { id: credential.id, rawId: encode(credential.rawId), type: credential.type, response };
  }

  async function ask(form) {
    const problem = form.querySelector("[data-failed]");
    problem.textContent = "";
    try {
      const asked = wanted(form);
      const credential = form.dataset.passkey === "new"
        ? await navigator.credentials.create(asked)
        : await navigator.credentials.get(asked);
      form.elements.credential.value = JSON.stringify(told(credential));
      form.submit();
    } catch {
      problem.textContent = problem.dataset.failed;
    }
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
})();
