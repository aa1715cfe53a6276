// How far something has come. Data: {label, items: [{state: done|now|later, title, text}]}.

const WORDS = { done: "done", now: "now", later: "to come" };

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  if (!root.firstElementChild) root.append(make("ol"));
  const list = root.firstElementChild;
  setAttribute(list, "aria-label", data.label);
  patch(
    list,
    data.items.map((item, at) => ({ ...item, at })),
    (item) => item.at,
    () => make("li", {}, make("span", { class: "mark", "aria-hidden": "true" }), make("div", {}, make("div", { class: "title" }, make("span"), make("span", { class: "hidden" })), make("div", { class: "text" }))),
    (line, item) => {
      setAttribute(line, "data-state", item.state);
      setAttribute(line, "aria-current", item.state === "now" ? "step" : null);
      const [mark, body] = line.children;
      setText(mark, item.state === "done" ? "✓" : String(item.at + 1));
      setText(body.firstElementChild.firstElementChild, item.title);
      setText(body.firstElementChild.lastElementChild, `, ${WORDS[item.state]}`);
      setText(body.lastElementChild, item.text);
    },
  );
}
