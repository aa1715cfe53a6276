// A table whose rows are links. Data: {caption, columns: [{title, align, kind}], rows: [{id, href,
// label, selected, cells: [text | {text, sub, icon, look, share, title}]}], empty}.

function cellOf(value) {
  return value !== null && typeof value === "object" ? value : { text: value ?? "" };
}

function fillCell(td, column, value) {
  const cell = cellOf(value);
  td.className = [column.align === "right" ? "right" : "", column.kind || ""].join(" ").trim();
  setAttribute(td, "data-look", cell.look);
  let inner = td.querySelector(".inner");
  if (!inner) {
    inner = make("span", { class: "inner" });
    inner.append(make("span", { class: "icon", "aria-hidden": "true" }), make("span", { class: "text" }));
    td.append(inner);
  }
  setAttribute(inner, "title", cell.title);
  setText(inner.querySelector(".icon"), cell.icon || "");
  setText(inner.querySelector(".text"), String(cell.text ?? ""));
  let sub = td.querySelector(".sub");
  if (!cell.sub) sub?.remove();
  else {
    if (!sub) {
      sub = make("span", { class: "sub" });
      td.append(sub);
    }
    setText(sub, cell.sub);
  }
  let bar = td.querySelector(".bar");
  if (cell.share === undefined || cell.share === null) bar?.remove();
  else {
    if (!bar) {
      bar = make("span", { class: "bar", "aria-hidden": "true" }, make("span"));
      td.prepend(bar);
    }
    bar.firstElementChild.style.width = `${Math.max(2, Math.min(100, cell.share * 100))}%`;
  }
}

function fillRow(tr, row, columns) {
  setAttribute(tr, "aria-selected", row.selected ? "true" : null);
  while (tr.children.length > columns.length) tr.lastElementChild.remove();
  columns.forEach((column, at) => {
    let td = tr.children[at];
    if (!td) {
      td = make("td");
      tr.append(td);
    }
    const href = at === 0 ? ownAddress(row.href) : null;
    let holder = td;
    if (at === 0) {
      let anchor = td.querySelector("a");
      if (href && !anchor) {
        anchor = make("a", { class: "whole" });
        td.replaceChildren(anchor);
      }
      if (href) {
        setAttribute(anchor, "href", href);
        setAttribute(anchor, "aria-label", row.label);
      } else if (anchor) {
        td.replaceChildren();
        anchor = null;
      }
      holder = anchor || td;
    }
    fillCell(holder, column, row.cells[at]);
    if (holder !== td) {
      td.className = holder.className;
      holder.className = "whole";
      setAttribute(td, "data-look", holder.getAttribute("data-look"));
    }
  });
}

/** Arrows, j and k go from row to row, Home and End to the ends; Enter is the link's own. */
function walk(root, event) {
  const anchors = [...root.querySelectorAll("a.whole")];
  const at = anchors.indexOf(event.target.closest("a.whole"));
  const steps = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: anchors.length - 1 };
  if (at < 0 || !(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  anchors[Math.max(0, Math.min(anchors.length - 1, steps[event.key]))].focus();
}

/** The row that was opened is written into the history, so that Back comes to where one was. */
function remember(root) {
  root.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row?.patchKey && event.target.closest("a.whole")) window.history.replaceState({ ...window.history.state, row: row.patchKey }, "");
  }, true);
  root.wanted = window.history.state?.row;
}

function comeBack(root) {
  const row = root.wanted && [...root.querySelectorAll("tbody tr")].find((tr) => tr.patchKey === root.wanted);
  if (!row) return;
  root.wanted = null;
  row.querySelector("a.whole")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  let frame = root.querySelector(".frame");
  if (!frame) {
    frame = make("div", { class: "frame" });
    frame.append(make("table", {}, make("thead"), make("tbody")), make("p", { class: "empty muted" }));
    root.append(frame);
    root.addEventListener("keydown", (event) => walk(root, event));
    remember(root);
  }
  const [table, empty] = frame.children;
  setAttribute(table, "aria-label", data.caption);
  const columns = data.columns;
  const titles = JSON.stringify(columns);
  if (table.titles !== titles) {
    table.titles = titles;
    const line = make("tr");
    for (const column of columns) {
      const head = make("th", { scope: "col" }, column.title);
      head.className = [column.align === "right" ? "right" : "", column.kind || ""].join(" ").trim();
      line.append(head);
    }
    table.tHead.replaceChildren(line);
  }
  patch(
    table.tBodies[0],
    data.rows,
    (row) => row.id,
    () => make("tr"),
    (tr, row) => fillRow(tr, row, columns),
  );
  const none = data.rows.length === 0;
  table.hidden = none && Boolean(data.empty);
  empty.hidden = !none || !data.empty;
  setText(empty, data.empty || "");
  comeBack(root);
}
