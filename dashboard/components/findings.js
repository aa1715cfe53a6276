// What telemetry lacks; each opens to its sentences and the lines that add it.
// Data: {label, empty, troubles: [{id, icon, look, word, title, count, sentences, fixes}]}.

function create() {
  const head = make("summary");
  for (const part of ["icon", "title", "word", "count"]) head.append(make("span", { class: part, "aria-hidden": part === "icon" ? "true" : null }));
  return make("details", {}, head, make("div", { class: "body" }));
}

function update(details, trouble) {
  const [head, body] = details.children;
  setAttribute(details, "data-look", trouble.look);
  const [icon, title, word, count] = head.children;
  setText(icon, trouble.icon);
  setText(title, trouble.title);
  setText(word, trouble.word);
  setText(count, trouble.count);
  const shown = JSON.stringify([trouble.sentences, trouble.fixes]);
  if (body.shown === shown) return;
  body.shown = shown;
  body.replaceChildren(...trouble.sentences.map((text) => make("p", {}, text)), ...trouble.fixes.map(copyable));
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  if (!root.firstElementChild) root.append(make("div", { class: "list" }, make("div"), make("p", { class: "empty muted" })));
  const [list, empty] = root.firstElementChild.children;
  setAttribute(list, "aria-label", data.label);
  setAttribute(list, "role", "group");
  patch(list, data.troubles, (trouble) => trouble.id, create, update);
  empty.hidden = data.troubles.length > 0;
  setText(empty, data.empty);
}
