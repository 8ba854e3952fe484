// Refreshes the page every few seconds while a job is running; without this script there is a link.
const EVERY_MS = 5000;

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("progress");
  if (!answer.ok || !found) return;
  if (!("running" in found.dataset)) {
    location.reload();
    return;
  }
  document.getElementById("progress").replaceWith(found);
}

setInterval(() => {
  const shown = document.getElementById("progress");
  if (shown && "running" in shown.dataset && !document.hidden) refresh().catch(() => {});
}, EVERY_MS);
