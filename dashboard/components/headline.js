// The head of an order: where we are, its id, its state, and the sentences that say why.
// Data: {crumbs: [{text, href}], title, badge: {icon, text, look}, look, sentences: [{head, tail}], facts}.

function crumbTrail(crumbs) {
  const nav = make("nav", { "aria-label": "Breadcrumb" });
  crumbs.forEach((crumb, at) => {
    if (at) nav.append(make("span", { class: "slash", "aria-hidden": "true" }, "/"));
    const href = ownAddress(crumb.href);
    nav.append(href ? make("a", { href }, crumb.text) : make("span", {}, crumb.text));
  });
  return nav;
}

function copyButton() {
  const button = make("button", { type: "button", class: "copy" }, "Copy link");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Copy it from the address bar";
    }
    setTimeout(() => (button.textContent = "Copy link"), 2000);
  });
  return button;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  if (!root.firstElementChild) {
    const line = make("div", { class: "line" }, make("h1"), make("span", { class: "badge" }));
    const left = make("div", { class: "left" }, make("div", { class: "crumbs" }), line);
    root.append(make("header", {}, left, copyButton()), make("section", { class: "box" }), make("p", { class: "facts muted" }));
  }
  const [header, box, facts] = root.children;
  const crumbs = JSON.stringify(data.crumbs);
  if (header.crumbs !== crumbs) {
    header.crumbs = crumbs;
    header.querySelector(".crumbs").replaceChildren(crumbTrail(data.crumbs));
  }
  setText(header.querySelector("h1"), data.title);
  const badge = header.querySelector(".badge");
  setAttribute(badge, "data-look", data.badge.look);
  setText(badge, `${data.badge.icon} ${data.badge.text}`);
  setAttribute(box, "data-look", data.look);
  setAttribute(box, "data-loud", data.loud ? "true" : null);
  patch(
    box,
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
  setText(facts, data.facts);
}
