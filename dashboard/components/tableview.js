// What a chart shows, as a table that opens on demand. Data: {label, columns: [text], rows: [[text]]}.
// Rows are drawn while it is open only: most people never open it.

function fill(root) {
  const { columns, rows, label } = root.shown;
  const head = make("tr", {}, ...columns.map((title) => make("th", { scope: "col" }, title)));
  const lines = rows.map((row) => make("tr", {}, ...row.map((text) => make("td", {}, text))));
  const table = make("table", { "aria-label": label }, make("thead", {}, head), make("tbody", {}, ...lines));
  root.querySelector(".frame").replaceChildren(table);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  root.shown = data;
  let details = root.querySelector("details");
  if (!details) {
    followLinks(root);
    details = make("details", {}, make("summary"), make("div", { class: "frame", tabindex: "0", role: "region" }));
    details.addEventListener("toggle", () => details.open && fill(root));
    root.append(details);
  }
  setText(details.querySelector("summary"), "Table");
  setAttribute(details.querySelector("summary"), "aria-label", `${data.label}, as a table`);
  setAttribute(details.querySelector(".frame"), "aria-label", data.label);
  if (details.open) fill(root);
}
