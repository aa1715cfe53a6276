// Orders by state as one bar and as chips that lead to them.
// Data: {label, bar, segments: [{state, look, icon, word,
// count, text, href, chosen, title, plain}]}. Without `bar` there are only chips.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  if (!root.firstElementChild) {
    root.append(make("div", { class: "bar", role: "img" }), make("div", { class: "chips" }));
  }
  const [bar, chips] = root.children;
  setAttribute(bar, "aria-label", data.label);
  const present = data.bar ? data.segments.filter((segment) => segment.count > 0) : [];
  patch(
    bar,
    present,
    (segment) => segment.state,
    () => make("span"),
    (element, segment) => {
      element.style.flexGrow = segment.count;
      setAttribute(element, "data-look", segment.look);
      setAttribute(element, "title", `${segment.word} ${segment.text}`);
    },
  );
  patch(
    chips,
    data.segments,
    (segment) => segment.state,
    () => {
      const chip = make("a", { class: "chip" });
      for (const part of ["icon", "word", "count"]) chip.append(make("span", { class: part }));
      return chip;
    },
    (chip, segment) => {
      setAttribute(chip, "href", ownAddress(segment.href));
      setAttribute(chip, "data-look", segment.look);
      setAttribute(chip, "data-none", segment.count === 0 && !segment.chosen ? "true" : null);
      setAttribute(chip, "title", segment.title);
      setAttribute(chip, "data-plain", segment.plain ? "true" : null);
      setAttribute(chip, "aria-current", segment.chosen ? "true" : null);
      setText(chip.children[0], segment.icon);
      setText(chip.children[1], segment.word);
      setText(chip.children[2], segment.text);
    },
  );
}
