// What can be done with a list. Data: {text}.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  if (!root.firstElementChild) root.append(make("div", { class: "line" }, make("span", { class: "muted", role: "status" }), copyButton()));
  setText(root.querySelector("[role=status]"), data.text);
}
