// A movie chosen from the suggestions is added to those that the visitor loves.
import "./live.js";
import { suggest } from "./suggest.js";

document.addEventListener("choose", (event) => {
  const form = event.target.form;
  event.preventDefault();
  const like = form.elements.like || form.appendChild(hidden("like"));
  like.value = [...new Set([...like.value.split(",").filter(Boolean), event.detail.movie_id])].join(",");
  event.target.value = "";
  form.requestSubmit();
});

document.addEventListener("live", (event) => event.detail.querySelectorAll("input[data-suggest]").forEach(suggest));

function hidden(name) {
  return Object.assign(document.createElement("input"), { type: "hidden", name });
}
