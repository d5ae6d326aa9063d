// What the forms of the desk ask for, sent as JSON; and the mailbox that updates itself.
"use strict";

function say(words) {
  const status = document.querySelector("[data-status]");
  if (status) {
    status.textContent = words;
    status.hidden = !words;
  }
}

async function ask(form, button) {
  const question = form.dataset.confirm;
  if (question && !window.confirm(question)) return;
  const id = form.querySelector("[data-id]");
  const path = ((button && button.dataset.path) || form.dataset.path).replace("{id}", id ? id.value : "");
  const named = Object.fromEntries(new FormData(form));
  const options = { method: form.dataset.method, headers: { Accept: "application/json" } };
  if (options.method !== "DELETE") {
    options.headers["Content-Type"] = "application/json";
    options.body = form.dataset.body || JSON.stringify(named);
  }
  const answer = await fetch(path, options);
  const text = await answer.text();
  if (!answer.ok) {
    say(text ? JSON.parse(text).detail : answer.statusText);
  } else if ("show" in form.dataset) {
    const result = form.parentElement.querySelector("[data-result]");
    result.textContent = JSON.stringify(JSON.parse(text), null, 2);
    result.hidden = false;
  } else {
    location.reload();
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.method) return;
  event.preventDefault();
  ask(event.target, event.submitter).catch((error) => say(String(error)));
});

async function live() {
  let list = document.getElementById("messages");
  if (!list || !list.dataset.live) return;
  for (;;) {
    try {
      const since = encodeURIComponent(list.dataset.cursor);
      const answer = await fetch(`${list.dataset.live}?since=${since}&timeoutSeconds=20`);
      if (answer.ok) {
        const page = await (await fetch(location.href, { headers: { Accept: "text/html" } })).text();
        const fresh = new DOMParser().parseFromString(page, "text/html").getElementById("messages");
        list.replaceWith(fresh);
        list = fresh;
        const clear = document.querySelector("[data-method=DELETE] button");
        if (clear) clear.disabled = false;
      } else if (answer.status !== 404) {
        throw new Error(answer.statusText);
      }
      say("");
    } catch {
      say("The server does not answer; trying again.");
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}

live();
