// The head of an order: where we are, its id, its state, and the sentences that say why.
// Data: {crumbs: [{text, href}], title, badge: {icon, text, look}, look, loud, facts,
// sentences: [{head, tail}], evidence: [{name, text}], links: [{text, href}],
// traces: {hint, list: [{id, text, addresses: [{name, url}]}]}}.

function crumbTrail(crumbs) {
  const nav = make("nav", { "aria-label": "Breadcrumb" });
  crumbs.forEach((crumb, at) => {
    if (at) nav.append(make("span", { class: "slash", "aria-hidden": "true" }, "/"));
    const href = ownAddress(crumb.href);
    nav.append(href ? make("a", { href }, crumb.text) : make("span", {}, crumb.text));
  });
  return nav;
}

/** The order's traces, each with its links into other back ends. */
function traceMenu(traces) {
  const one = traces.list.length === 1 ? traces.list[0].addresses : [];
  if (one.length === 1) return [elsewhere(one[0].url, `Open in ${one[0].name}`, "button")];
  const list = make("ul");
  for (const trace of traces.list) {
    const links = trace.addresses.map(({ name, url }) => elsewhere(url, name, "open"));
    list.append(make("li", {}, make("span", { class: "mono id" }, trace.id), make("span", { class: "muted" }, trace.text), make("span", { class: "opens" }, ...links)));
  }
  const hint = traces.hint ? make("p", { class: "muted hint" }, traces.hint) : null;
  const menu = make("details", {}, make("summary", { class: "button" }, `Traces (${traces.list.length}) ▾`), make("div", { class: "menu" }, list, hint));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.firstElementChild.focus();
  });
  return [menu];
}

function build(root) {
  const line = make("div", { class: "line" }, make("h1"), make("span", { class: "badge" }));
  const left = make("div", { class: "left" }, make("div", { class: "crumbs" }), line);
  const actions = make("div", { class: "actions" }, copyButton(), make("span", { class: "traces" }));
  const box = make("section", { class: "box" }, make("div", { class: "sentences" }), make("dl", { class: "evidence" }), make("p", { class: "links" }));
  root.append(make("header", {}, left, actions), box, make("p", { class: "facts muted" }));
}

/** Children made anew only when what they show has changed: focus and open menus stay. */
function remake(parent, shown, children) {
  const key = JSON.stringify(shown);
  if (parent.shown === key) return;
  parent.shown = key;
  parent.replaceChildren(...children(shown));
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  if (!root.firstElementChild) build(root);
  const [header, box, facts] = root.children;
  remake(header.querySelector(".crumbs"), data.crumbs, (crumbs) => [crumbTrail(crumbs)]);
  remake(header.querySelector(".traces"), data.traces, (traces) => (traces.list.length ? traceMenu(traces) : []));
  setText(header.querySelector("h1"), data.title);
  const badge = header.querySelector(".badge");
  setAttribute(badge, "data-look", data.badge.look);
  setText(badge, `${data.badge.icon} ${data.badge.text}`);
  setAttribute(box, "data-look", data.look);
  setAttribute(box, "data-loud", data.loud ? "true" : null);
  const [sentences, evidence, links] = box.children;
  patch(
    sentences,
    data.sentences.map((sentence, at) => ({ ...sentence, at })),
    (sentence) => sentence.at,
    () => make("p", { class: "sentence" }, make("strong"), make("span")),
    (line, sentence) => {
      setText(line.firstElementChild, sentence.head);
      setText(line.lastElementChild, sentence.tail);
    },
  );
  box.hidden = data.sentences.length === 0;
  facts.hidden = !data.facts;
  evidence.hidden = !data.evidence.length;
  remake(evidence, data.evidence, (rows) => rows.flatMap(({ name, text }) => [make("dt", {}, name), make("dd", {}, text)]));
  links.hidden = !data.links.length;
  remake(links, data.links, (list) => list.map(({ text, href }) => make("a", { href: ownAddress(href) }, text, make("span", { "aria-hidden": "true" }, " →"))));
  setText(facts, data.facts);
}
