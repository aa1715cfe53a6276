// Lines to copy, each with a word on it. Data: {blocks: [[words, lines]]}.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  const shown = JSON.stringify(data.blocks);
  if (root.shown === shown) return;
  root.shown = shown;
  root.replaceChildren(...data.blocks.map(([words, lines]) => make("div", { class: "block" }, make("p", { class: "words" }, words), copyable(lines))));
}
