// Names and values. Data: {title, look, icon, pairs: [[name, value]], links: [{text, href, look}]}.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  const title = make("h3", { "data-look": data.look }, data.icon ? make("span", { class: "icon", "aria-hidden": "true" }, data.icon) : null, data.title);
  const list = make("dl");
  for (const [name, value] of data.pairs) list.append(make("dt", {}, name), make("dd", {}, value));
  const links = make("p", { class: "links" });
  for (const link of data.links) links.append(make("a", { href: ownAddress(link.href), "data-look": link.look }, link.text, make("span", { "aria-hidden": "true" }, " →")));
  const parts = [data.title ? title : null, data.pairs.length ? list : null, data.links.length ? links : null];
  root.replaceChildren(...parts.filter(Boolean));
}
