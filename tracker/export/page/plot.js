"use strict";
// Time in words, and the plot: place or gap over the kilometres, as SVG. Text is only ever set as text.

const two = (number) => String(number).padStart(2, "0");

/** Milliseconds as h:mm:ss, to the second below. */
const hours = (ms) => {
  const s = Math.floor(Math.abs(ms) / 1000);
  return (ms < 0 ? "-" : "") + Math.floor(s / 3600) + ":" + two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
};

const arrival = (split) => (Array.isArray(split) ? split[0] : split);
const departure = (split) => (Array.isArray(split) ? split[1] : split);

/** The race's time of a runner at a moment after its start, both in milliseconds: without what it stood still. */
const raced = (runner, at) =>
  at - runner.start - runner.still.reduce((sum, [from, until]) => (from < at ? sum + Math.min(until, at) - from : sum), 0);

/** At each checkpoint of a race: every runner's place and gap to the first there; official at the finish. */
const tracksOf = (race) => {
  const tracks = new Map(race.runners.map((runner) => [runner, []]));
  race.points.forEach((point, at) => {
    const last = at === race.points.length - 1;
    const there = [];
    for (const runner of race.runners) {
      const split = arrival(runner.splits[at] ?? null);
      if (runner.status === "disqualified" || split === null || (last && runner.time === null)) continue;
      there.push([last ? runner.time : raced(runner, split), runner]);
    }
    there.sort((one, other) => one[0] - other[0]);
    let place = 0;
    there.forEach(([time, runner], before) => {
      if (before === 0 || time !== there[before - 1][0]) place = before + 1;
      tracks.get(runner).push({ at, km: point.km, place, gap: time - there[0][0] });
    });
  });
  return tracks;
};

const SVG = "http://www.w3.org/2000/svg";
const drawn = (name, attributes, text) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
};

/** Steps of a scale from 0 to `most`, a few of them, round. */
const steps = (most, sizes) => {
  const size = sizes.find((one) => most / one <= 6) ?? sizes.at(-1);
  return Array.from({ length: Math.floor(most / size) + 1 }, (_, number) => number * size);
};
const PLACES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const GAPS = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * 60000);
const KMS = [1, 2, 5, 10, 20, 25, 50];

/** Labels that would lie on each other move down, and all of them up again where that goes too far. */
const apart = (labels, least, bottom) => {
  labels.sort((one, other) => one.y - other.y);
  labels.forEach((label, no) => {
    if (no > 0) label.y = Math.max(label.y, labels[no - 1].y + least);
  });
  for (let no = labels.length - 1, limit = bottom; no >= 0; no -= 1, limit = labels[no + 1].y - least) {
    labels[no].y = Math.min(labels[no].y, limit);
  }
};

/** The plot of some runners; `chosen` ones are drawn stronger. Null when none of them was seen anywhere. */
const plot = (race, runners, chosen, measure, width) => {
  const tracks = runners.map((runner) => [runner, race.tracks.get(runner)]).filter(([, track]) => track.length > 0);
  if (tracks.length === 0) return null;
  const value = measure === "place" ? (step) => step.place - 1 : (step) => step.gap;
  const most = Math.max(measure === "place" ? 4 : 60000, ...tracks.flatMap(([, track]) => track.slice(1).map(value)));
  const height = Math.max(300, tracks.length * 14 + 50);
  const narrow = width < 560;
  const left = measure === "place" ? 34 : 52, right = narrow ? 76 : 190, top = 14, bottom = height - 34;
  const km = race.points.at(-1).km || 1;
  const x = (at) => left + ((width - left - right) * at) / km;
  const y = (at) => top + ((bottom - top) * Math.min(at, most)) / most;
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  svg.append(drawn("title", {}, `${measure === "place" ? "Place" : "Gap to the first"} over the kilometres`));
  for (const step of steps(most, measure === "place" ? PLACES : GAPS)) {
    const [at, label] = measure === "gap" ? [step, hours(step).slice(0, -3)] : step > 1 ? [step - 1, step] : [0, 1];
    svg.append(drawn("line", { class: "grid", x1: left, x2: width - right, y1: y(at), y2: y(at) }));
    svg.append(drawn("text", { x: left - 6, y: y(at) + 4, "text-anchor": "end" }, label));
  }
  for (const step of steps(km, KMS)) svg.append(drawn("text", { x: x(step), y: bottom + 16, "text-anchor": "middle" }, step));
  svg.append(drawn("text", { x: (left + width - right) / 2, y: bottom + 30, "text-anchor": "middle" }, "km"));
  for (const point of race.points) svg.append(drawn("line", { class: "grid", x1: x(point.km), x2: x(point.km), y1: top, y2: bottom }));
  const labels = tracks.map(([runner, track], no) => {
    const strong = chosen.has(runner) ? " chosen" : "";
    const points = track.map((step) => `${x(step.km).toFixed(1)},${y(value(step)).toFixed(1)}`).join(" ");
    const line = drawn("polyline", { class: `line c${no % 10}${strong}`, points });
    line.append(drawn("title", {}, `${runner.bib} ${runner.name}`));
    svg.append(line);
    return { y: y(value(track.at(-1))) + 4, from: track.at(-1), strong, no, text: narrow ? runner.bib : short(`${runner.bib} ${runner.name}`) };
  });
  apart(labels, 13, bottom + 4);
  for (const label of labels) {
    const ends = x(label.from.km);
    svg.append(drawn("line", { class: `line c${label.no % 10}`, x1: ends + 2, x2: width - right + 8, y1: y(value(label.from)), y2: label.y - 4, "stroke-dasharray": "1 3" }));
    svg.append(drawn("text", { class: `name${label.strong}`, x: width - right + 12, y: label.y }, label.text));
  }
  return svg;
};

const short = (text) => ([...text].length > 26 ? [...text].slice(0, 25).join("") + "…" : text);
