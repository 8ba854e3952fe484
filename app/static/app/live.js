// Links and forms in an element `[data-live]` that lead to its own page change it in place: the whole
// page is fetched, and the element taken out of it. The address and the history are updated. Forms
// with data-auto are submitted when something in them changes. Afterwards `[data-live-status]` shows
// the text of its data-done.

const SELECTOR = "[data-live]";
let asking;

function here(url) {
  return url.origin === location.origin && url.pathname === location.pathname;
}

async function go(url, { push = true } = {}) {
  const old = document.querySelector(SELECTOR);
  asking?.abort();
  asking = new AbortController();
  old.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { signal: asking.signal, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(SELECTOR);
    if (!fresh) return location.assign(url);
    if (push) history.pushState(null, "", answer.url);
    show(old, fresh, page.title);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
}

function show(old, fresh, title) {
  const id = document.activeElement?.id;
  old.replaceWith(fresh);
  document.title = title;
  (id && document.getElementById(id) || fresh.querySelector("h1"))?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("live", { detail: fresh }));
  const status = document.querySelector("[data-live-status]");
  if (status) status.textContent = status.dataset.done;
}

function addressOf(form, submitter) {
  const url = new URL(form.getAttribute("action") || location.pathname, location.href);
  const fields = [...new FormData(form, submitter)].filter(([, value]) => value !== "");
  url.search = new URLSearchParams(fields);
  return url;
}

if (document.querySelector(SELECTOR)) {
  document.documentElement.classList.add("live");
  document.addEventListener("click", (event) => {
    const link = event.target.closest(`${SELECTOR} a[href]`);
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (!here(url) || url.hash) return;
    event.preventDefault();
    go(url);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.closest(SELECTOR) || form.method !== "get") return;
    const url = addressOf(form, event.submitter);
    if (!here(url)) return;
    event.preventDefault();
    go(url);
  });
  document.addEventListener("change", (event) => {
    event.target.closest?.(`${SELECTOR} form[data-auto]`)?.requestSubmit();
  });
  addEventListener("popstate", () => go(location.href, { push: false }));
}
