// Updates the ranking in place: filters, pages and the back button fetch the page at their address
// and take its list. The state is in the address; without this module a button does the same.

const form = document.querySelector("#filters");
const words = form.elements.q;
let asking;
let shown = location.pathname + location.search;

function address() {
  const url = new URL(location.pathname, location.href);
  for (const [name, value] of new FormData(form)) if (value.trim()) url.searchParams.append(name, value);
  return url;
}

function take(page, selector) {
  const here = document.querySelector(selector), there = page.querySelector(selector);
  if (here && there) here.replaceWith(document.adoptNode(there));
}

function takeFields(page) {
  const wasOpen = document.querySelector("#further").open;
  take(page, "#fields");
  document.querySelector("#further").open ||= wasOpen;
}

// `focus` is what gets the focus; without it the focus stays. `top` scrolls to the top of the list.
async function show(url, { push = true, fields = false, focus = "", top = false } = {}) {
  asking?.abort();
  asking = new AbortController();
  document.querySelector("#list").setAttribute("aria-busy", "true");
  let answer, page;
  try {
    answer = await fetch(url, { signal: asking.signal, headers: { Accept: "text/html" } });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url); // let the browser show what is wrong
    return;
  }
  if (!page.querySelector("#list")) return location.assign(url);
  const focused = document.activeElement?.id;
  // Errors, old or new, are shown beside the fields.
  if (fields || !answer.ok || form.querySelector("[aria-invalid]")) takeFields(page);
  else take(page, "#decades");
  if (fields) words.value = page.querySelector("#field-q").value;
  for (const selector of ["#complaints", "#list", ".nav"]) take(page, selector);
  document.title = page.title;
  if (push) history.pushState(null, "", answer.url);
  shown = location.pathname + location.search;
  const count = document.querySelector("#count");
  document.querySelector("#said").textContent = count?.textContent.trim() ?? "";
  if (top) document.querySelector("#list").scrollIntoView();
  if (focus) document.querySelector(focus)?.focus({ preventScroll: top });
  else if (focused && document.activeElement.id !== focused) document.getElementById(focused)?.focus();
}

form.addEventListener("change", (event) => {
  if (event.target !== words) show(address());
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  // Move on to the results; the suggestions close when the field loses the focus.
  show(address(), { focus: document.activeElement === words ? "#count" : "" });
});
words.addEventListener("search", () => {
  if (!words.value) show(address()); // the cross in the field
});
words.addEventListener("choose", (event) => {
  event.preventDefault();
  location.assign(`${words.dataset.movie}${event.detail.movie_id}/`);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-list]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link.href, { fields: true, focus: link.closest("#decades") ? "" : "#count", top: !!link.closest(".pager") });
});
addEventListener("popstate", () => {
  // Links to a fragment of the page also come here.
  if (location.pathname + location.search !== shown) show(location.href, { push: false, fields: true });
});
