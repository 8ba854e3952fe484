// Choosing a suggestion names a movie that the visitor loves; submitting words asks which one is meant.
import "./suggest.js";

document.getElementById("love")?.addEventListener("choose", (event) => {
  const input = event.target;
  const form = input.form;
  if (!form.action.endsWith("/for-you/")) return;
  event.preventDefault();
  const like = Object.assign(document.createElement("input"), { type: "hidden", name: "like", value: event.detail.movie_id });
  form.append(like);
  input.disabled = true; // the words are no longer needed
  form.requestSubmit();
  input.disabled = false; // a visitor who comes back finds the field as it was
  like.remove();
});
