// What time went by, as bars one below the other, with a legend.
// Data: {bars: [{title, total, parts: [[kind, seconds, words]]}], legend: [[kind, word, meaning]], note, label}.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  const shown = JSON.stringify(data);
  if (root.shown === shown) return;
  root.shown = shown;
  const longest = Math.max(1e-9, ...data.bars.map((bar) => bar.parts.reduce((sum, part) => sum + part[1], 0)));
  const list = make("ul", { class: "bars", "aria-label": data.label });
  for (const bar of data.bars) {
    const line = make("div", { class: "line" });
    for (const [kind, seconds, words] of bar.parts) {
      const share = seconds / longest;
      const part = make("span", { class: "part", "data-kind": kind, "data-tip": words }, share > 0.09 ? words.replace(/^.*, /, "") : "");
      part.style.flexBasis = `${share * 100}%`;
      line.append(part);
    }
    const said = `${bar.title}: ${bar.total}. ${bar.parts.map((part) => part[2]).join("; ")}`;
    list.append(make("li", {}, make("span", { class: "title" }, bar.title), make("div", { class: "track", role: "img", "aria-label": said }, line), make("span", { class: "total" }, bar.total)));
  }
  const legend = make("ul", { class: "legend" });
  for (const [kind, word, meaning] of data.legend) {
    legend.append(make("li", { title: meaning }, make("i", { "data-kind": kind, "aria-hidden": "true" }), word, make("span", { class: "hidden" }, `: ${meaning}`)));
  }
  const note = make("p", { class: "muted" }, data.note);
  const tips = root.querySelector(".tip-box");
  root.replaceChildren(list, legend, note);
  if (tips) root.append(tips);
  else showTips(root);
}
