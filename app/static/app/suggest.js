// Suggestions of movies for `input[data-suggest]`: a combobox with a list (WAI-ARIA 1.2).
// data-suggest   address of the search, such as /api/search/
// data-none      the text if nothing is found
// data-count     the text for the number of suggestions, with {count} in it
// To handle a choice, listen to the event "choose" of the input, whose `detail` is the movie
// {movie_id, title, year, genres, spoken}; unless its default is prevented, the form is submitted.

const LONGEST_WAIT = 150; // milliseconds without a key before the search
const MOST = 8;
// The same as in app/catalogue/movies/spoken_titles.py.
const ARTICLES = "The|A|An|Da|Le|La|Les|L'|Un|Une|Des|De|El|Los|Las|Lo|Una|O|Os|As|Um|Uma|Il|I|Gli|Der|Die|Das|Ein|Eine|Den|Det|En|Et|Ett|Het|Een";
const BEHIND = new RegExp(`^(.+), (${ARTICLES})(:.*)?$`, "s");
const PARENTHESES = /(?:\s*\((?:[^()]|\([^()]*\))*\))+$/;

export function spoken(title) {
  const name = title.replace(PARENTHESES, "") || title;
  return name.replace(BEHIND, (_, rest, article, part = "") => article + (article.endsWith("'") ? "" : " ") + rest + part);
}

let lists = 0;

export function suggest(input) {
  if (input.getAttribute("role") === "combobox") return; // it already has them
  const list = document.createElement("ul");
  const status = document.createElement("span");
  list.id = `suggestions-${++lists}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent.trim() || input.name);
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.after(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) input.setAttribute(name, value);

  let movies = [], active = -1, waiting, asking;

  function close() {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function stop() {
    clearTimeout(waiting);
    asking?.abort();
    close();
  }

  function activate(place) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = (place + movies.length + 1) % (movies.length + 1);
    if (active === movies.length) active = -1;
    const option = list.children[active];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function choose(movie) {
    stop();
    input.value = movie.spoken;
    const event = new CustomEvent("choose", { detail: movie, bubbles: true, cancelable: true });
    if (input.dispatchEvent(event)) input.form?.requestSubmit();
  }

  function show(found) {
    movies = found.map((movie) => ({ ...movie, spoken: spoken(movie.title) }));
    active = -1;
    list.replaceChildren(...movies.map(option));
    list.hidden = !movies.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    status.textContent = movies.length
      ? (input.dataset.count || "").replace("{count}", movies.length)
      : input.dataset.none || "";
  }

  function option(movie, place) {
    const item = document.createElement("li");
    const title = document.createElement("span");
    const year = document.createElement("span");
    item.id = `${list.id}-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    title.lang = "en";
    title.textContent = movie.spoken;
    year.className = "quiet";
    year.textContent = movie.year || "";
    item.append(title, " ", year);
    item.addEventListener("pointerdown", (event) => event.preventDefault()); // the input keeps the focus
    item.addEventListener("click", () => choose(movie));
    return item;
  }

  async function ask() {
    asking?.abort();
    const words = input.value.trim();
    if (words.length < 2) return close();
    asking = new AbortController();
    const query = new URLSearchParams({ q: words.slice(0, 100), limit: MOST, order: "rating_count" });
    try {
      const answer = await fetch(`${input.dataset.suggest}?${query}`, { signal: asking.signal });
      if (answer.ok) show((await answer.json()).results);
    } catch (error) {
      if (error.name !== "AbortError") close(); // no network: the field works without suggestions
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, LONGEST_WAIT);
  });
  input.addEventListener("blur", stop);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter may end the composition of a word
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      stop();
    } else if (!list.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      activate(event.key === "ArrowDown" ? active + 1 : active < 0 ? movies.length - 1 : active - 1);
    } else if (event.key === "ArrowDown") {
      ask();
    } else if (event.key === "Enter" && movies[active] && !list.hidden) {
      event.preventDefault();
      choose(movies[active]);
    }
  });
}

document.querySelectorAll("input[data-suggest]").forEach(suggest);
