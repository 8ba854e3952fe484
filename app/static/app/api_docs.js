// The API reference: buttons that copy the examples, and answers below the forms.

const MOST = 20_000; // shown characters of an answer
const texts = document.querySelector("#reference").dataset;

function copyButton(example) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button plain copy";
  button.textContent = texts.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(example.querySelector("code").textContent);
    button.textContent = texts.copied;
    setTimeout(() => { button.textContent = texts.copy; }, 2000);
  });
  example.append(button);
}

function place(form) {
  const found = form.querySelector(".answer");
  if (found) return found;
  const made = document.createElement("div");
  const status = document.createElement("p");
  const text = document.createElement("pre");
  made.className = "answer";
  status.setAttribute("role", "status");
  text.tabIndex = 0;
  made.append(status, text);
  form.append(made);
  return made;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function ask(form) {
  const [status, text] = place(form).children;
  const url = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
  try {
    // This page redirects to the JSON address.
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    const link = document.createElement("a");
    const { pathname, search } = new URL(answer.url);
    link.href = pathname + search;
    link.textContent = pathname + search;
    link.title = texts.open;
    status.replaceChildren(`${answer.status} `, link);
    const whole = pretty(await answer.text());
    text.textContent = whole.length > MOST ? `${whole.slice(0, MOST)}\n… ${texts.cut}` : whole;
    text.hidden = false;
  } catch {
    status.textContent = texts.failed;
    text.hidden = true;
  }
}

if (navigator.clipboard) document.querySelectorAll(".example").forEach(copyButton);
document.querySelectorAll(".operation form").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
});
