// The table: search, filters, sorting, a runner's splits. Everything that people wrote is set as text, never as markup.

const AT_ONCE = 200;
const byId = (id) => document.getElementById(id);
const results = JSON.parse(byId("results").textContent);
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
/** What somebody wrote, in its own direction: an Arabic name turns nothing around it. */
const written = (text) => make("bdi", {}, text);

for (const race of results.races) {
  race.runners = race.runners.map((row, order) => {
    const runner = Object.fromEntries(race.columns.map((column, at) => [column, row[at]]));
    runner.order = order;
    runner.ranked = runner.place !== null;
    runner.found = folded(runner.name);
    runner.numbered = folded(runner.bib);
    return runner;
  });
  race.tracks = null;
}

const order = Object.keys(results.statuses);
const alike = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const ranked = (place, group) => (place === null ? group : `${group} ${place}.`);

// Title, class, what to sort by (null: last in either direction), and the cell's content.
const COLUMNS = [
  { title: "Place", of: "right", key: (one) => (one.ranked ? one.order : null), cell: (one) => (one.place === null ? "–" : String(one.place)) },
  { title: "Bib", of: "right wide", key: (one) => one.bib, cell: (one) => written(one.bib) },
  { title: "Name", of: "who", key: (one) => one.name || null, cell: (one) => nameOf(one) },
  { title: "Sex", of: "small wide", key: (one) => (one.sex ? one.sex : null), cell: (one) => written(ranked(one.placeSex, one.sex)) },
  { title: "Category", of: "small wide", key: (one) => one.category || null, cell: (one) => written(ranked(one.placeCategory, one.category)) },
  { title: "Country", of: "small wide", key: (one) => one.country || null, cell: (one) => written(one.country) },
  { title: "Club", of: "wide", key: (one) => one.club || null, cell: (one) => written(one.club) },
  { title: "Status", of: "wide", key: (one) => order.indexOf(one.status), cell: (one) => one.words },
  { title: "Time", of: "right", key: (one) => one.time, cell: (one) => (one.time === null ? make("span", { className: "under" }, one.words) : hours(one.time)) },
  { title: "Gap", of: "right wide", key: (one) => one.gap, cell: (one) => (one.gap ? `+${hours(one.gap)}` : "") },
];

const view = { race: results.races[0], by: COLUMNS[0], down: false, shown: AT_ONCE, list: [], open: new Set(), chosen: new Set() };

const nameOf = (runner) => {
  const button = make("button", { type: "button" }, written(runner.name || `bib ${runner.bib}`));
  button.setAttribute("aria-expanded", view.open.has(runner));
  button.addEventListener("click", () => {
    view.open.has(runner) ? view.open.delete(runner) : view.open.add(runner);
    button.setAttribute("aria-expanded", view.open.has(runner));
    const row = button.closest("tr");
    view.open.has(runner) ? row.after(detail(runner)) : row.nextElementSibling.remove();
  });
  const under = [runner.bib, ranked(runner.placeSex, runner.sex), ranked(runner.placeCategory, runner.category), runner.country];
  return make("div", {}, button, make("div", { className: "under" }, written(under.filter(Boolean).join(" · "))));
};

const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: results.timezone, weekday: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const timeOfDay = (race, at) => clock.format(race.start + at).replace(",", "");

/** A runner's splits, in a row of their own, with the box that puts him into the plot. */
const detail = (runner) => {
  const race = view.race;
  const body = make("tbody");
  let before = null;
  race.points.forEach((point, at) => {
    const split = runner.splits[at] ?? null;
    if (split === null) {
      if (runner.splits.slice(at).some((later) => later !== null)) before = null;
      return;
    }
    const [came, left] = [arrival(split), departure(split)];
    const step = race.tracks.get(runner).find((one) => one.at === at);
    const cells = [
      [point.km.toFixed(1), "right"], [written(point.name), ""], [timeOfDay(race, came), "right"],
      [left === came ? "" : timeOfDay(race, left), "right wide"], [hours(raced(runner, came)), "right"],
      [before === null ? "" : hours(raced(runner, came) - raced(runner, before)), "right"],
      [step === undefined ? "" : String(step.place), "right"], [step === undefined || !step.gap ? "" : `+${hours(step.gap)}`, "right wide"],
    ];
    body.append(make("tr", {}, ...cells.map(([content, className]) => make("td", { className }, content))));
    before = left;
  });
  const titles = [["km", "right"], ["Checkpoint", ""], ["In", "right"], ["Out", "right wide"], ["Elapsed", "right"], ["Leg", "right"], ["Place", "right"], ["Gap", "right wide"]];
  const head = make("thead", {}, make("tr", {}, ...titles.map(([title, className]) => make("th", { className, scope: "col" }, title))));
  const box = make("input", { type: "checkbox", checked: view.chosen.has(runner) });
  box.addEventListener("change", () => {
    box.checked ? view.chosen.add(runner) : view.chosen.delete(runner);
    draw();
  });
  const seen = body.children.length > 0;
  const penalty = runner.time === null || !runner.splits.at(-1) ? 0 : runner.time - raced(runner, arrival(runner.splits.at(-1)));
  const said = [runner.words, penalty ? `official time ${hours(runner.time)}, of which penalty ${hours(penalty)}` : ""].filter(Boolean).join("; ");
  return make("tr", { className: "detail" }, make("td", { colSpan: COLUMNS.length },
    ...(seen ? [make("label", {}, box, " in the plot")] : []),
    make("p", {}, seen ? said : `${said}; not seen at any checkpoint`),
    ...(seen ? [make("div", { className: "scrolls" }, make("table", {}, head, body))] : [])));
};

const rowOf = (runner) => {
  const row = make("tr", {}, ...view.race.columnsShown.map((column) => make("td", { className: column.of }, column.cell(runner))));
  return view.open.has(runner) ? [row, detail(runner)] : [row];
};

/** Which runners are listed, in which order. */
const listed = () => {
  const asked = folded(byId("search").value).split(/\s+/).filter(Boolean);
  const [sex, category, status] = ["sex", "category", "status"].map((id) => byId(id).value);
  const found = view.race.runners.filter((one) =>
    (!sex || one.sex === sex) && (!category || one.category === category) && (!status || one.status === status) &&
    asked.every((word) => one.numbered.startsWith(word) || one.found.includes(word)));
  const { key } = view.by, sign = view.down ? -1 : 1;
  return found.map((one) => [key(one), one]).sort(([a, one], [b, other]) => {
    if (a === null || b === null) return (a === null) - (b === null) || one.order - other.order;
    return sign * (typeof a === "number" ? a - b : alike.compare(a, b)) || one.order - other.order;
  }).map(([, one]) => one);
};

/** The list anew, its first `AT_ONCE` lines. */
const list = () => {
  view.list = listed();
  view.shown = 0;
  byId("rows").replaceChildren();
  more(AT_ONCE);
  byId("count").textContent = `${view.list.length.toLocaleString("en")} of ${view.race.runners.length.toLocaleString("en")} runners`;
  draw();
};

const more = (count) => {
  const next = view.list.slice(view.shown, view.shown + count);
  byId("rows").append(...next.flatMap(rowOf));
  view.shown += next.length;
  byId("more").hidden = view.shown >= view.list.length;
  byId("more").textContent = `Show more (${(view.list.length - view.shown).toLocaleString("en")} left)`;
};

/** The plot: the first of the list by place, and whoever is chosen. */
const draw = () => {
  const first = view.list.filter((one) => one.ranked).sort((one, other) => one.order - other.order).slice(0, Number(byId("first").value));
  const runners = [...new Set([...first, ...view.chosen])];
  const found = plot(view.race, runners, view.chosen, byId("measure").value, Math.max(280, byId("drawing").clientWidth));
  byId("drawing").replaceChildren(found ?? make("p", {}, "Nobody is listed with a place, and nobody chosen: open a runner and tick “in the plot”."));
  byId("clear").hidden = view.chosen.size === 0;
};

const offer = (id, all, values, words = (value) => value) => {
  const counts = new Map();
  for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  const options = [...counts.keys()].sort((one, other) => (id === "status" ? order.indexOf(one) - order.indexOf(other) : alike.compare(one, other)));
  byId(id).replaceChildren(make("option", { value: "" }, all), ...options.map((value) =>
    make("option", { value }, `${words(value)} (${counts.get(value).toLocaleString("en")})`)));
};

const titles = () => {
  byId("titles").replaceChildren(...view.race.columnsShown.map((column) => {
    const cell = make("th", { className: column.of.replace("who", ""), scope: "col" }, make("button", { type: "button" }, column.title));
    if (column === view.by) cell.setAttribute("aria-sort", view.down ? "descending" : "ascending");
    cell.firstChild.addEventListener("click", () => {
      [view.by, view.down] = [column, column === view.by && !view.down];
      titles();
      list();
    });
    return cell;
  }));
};

const choose = (race) => {
  Object.assign(view, { race, by: COLUMNS[0], down: false });
  view.open.clear();
  view.chosen.clear();
  race.tracks ??= tracksOf(race);
  race.columnsShown = COLUMNS.filter((column) => column.title !== "Club" || race.runners.some((one) => one.club));
  offer("sex", "all", race.runners.map((one) => one.sex));
  offer("category", "all", race.runners.map((one) => one.category));
  offer("status", "all", race.runners.map((one) => one.status), (value) => results.statuses[value]);
  titles();
  list();
};

byId("event").textContent = results.event;
byId("state").textContent = `${results.state.toUpperCase()} results`;
byId("state").className = results.state === "final" ? "final" : "provisional";
byId("made").textContent = `results ${results.results}; made ${results.made} by ${results.made_by}; digest ${results.digest}`;
byId("races").hidden = results.races.length < 2;
byId("race").replaceChildren(...results.races.map((race, at) => make("option", { value: at }, race.name)));
byId("race").addEventListener("change", (event) => choose(results.races[Number(event.target.value)]));
for (const id of ["controls", "plotted"]) byId(id).addEventListener("submit", (event) => event.preventDefault());
byId("search").addEventListener("input", list);
for (const id of ["sex", "category", "status"]) byId(id).addEventListener("change", list);
for (const id of ["measure", "first"]) byId(id).addEventListener("change", draw);
byId("clear").addEventListener("click", () => {
  view.chosen.clear();
  list();
});
byId("more").addEventListener("click", () => more(AT_ONCE));
new IntersectionObserver((seen) => {
  if (seen.some((one) => one.isIntersecting)) more(AT_ONCE);
}, { rootMargin: "400px" }).observe(byId("more"));
window.addEventListener("beforeprint", () => more(view.list.length));
let width = 0;
new ResizeObserver(([drawing]) => {
  if (Math.abs(drawing.contentRect.width - width) > 1) {
    width = drawing.contentRect.width;
    draw();
  }
}).observe(byId("drawing"));
if (view.race) choose(view.race);
