// Who chooses a suggestion loves that movie; who sends words is asked which one is meant.
import "./suggest.js";

document.getElementById("love")?.addEventListener("choose", (event) => {
  const input = event.target;
  const form = input.form;
  if (!form.action.endsWith("/for-you/")) return;
  event.preventDefault();
  const like = Object.assign(document.createElement("input"), { type: "hidden", name: "like", value: event.detail.movie_id });
  form.append(like);
  input.disabled = true; // the words have done their work
  form.requestSubmit();
  input.disabled = false; // whoever comes back finds the field as it was
  like.remove();
});
