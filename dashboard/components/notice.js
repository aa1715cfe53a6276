// A box that says something: what, why, what to do. Data: {look, icon, title, text, lines, href, action}.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  const shown = JSON.stringify(data);
  if (root.shown === shown) return;
  root.shown = shown;
  const box = make("section", { class: "box", "data-look": data.look, role: data.urgent ? "alert" : "status" });
  const title = make("p", { class: "title" });
  if (data.icon) title.append(make("span", { class: "icon", "aria-hidden": "true" }, data.icon));
  title.append(data.title);
  box.append(title);
  if (data.text) box.append(make("p", { class: "text" }, data.text));
  for (const line of data.lines || []) box.append(copyable(line));
  if (ownAddress(data.href)) box.append(make("a", { class: "action", href: data.href }, data.action));
  root.replaceChildren(box);
}
