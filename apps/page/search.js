"use strict";
(() => {
  const field = document.getElementById("find");
  if (!field) return;
  const data = JSON.parse(document.getElementById("ngram-data").textContent);
  const body = document.querySelector("#ngrams tbody");
  const status = document.getElementById("found");
  const most = 25;
  const strongest = Math.max(...data.ngrams.map((n) => n[2]), 1e-9);

  const cell = (text, name) => {
    const td = document.createElement("td");
    td.textContent = text;
    if (name) td.className = name;
    return td;
  };

  const row = ([ngram, label, size]) => {
    const tr = document.createElement("tr");
    const bar = document.createElement("td");
    const meter = document.createElement("span");
    bar.className = "size";
    meter.className = "meter o" + (1 + (label % 4));
    meter.style.setProperty("--part", (100 * Math.max(size, 0)) / strongest + "%");
    bar.append(meter);
    const change = (size < 0 ? "\u2212" : "+") + Math.abs(size).toFixed(2);
    tr.append(cell(ngram), cell(data.labels[label]), cell(change, "number"), bar);
    return tr;
  };

  const show = () => {
    const wanted = field.value.trim().toLowerCase();
    const found = data.ngrams.filter(
      ([ngram, label]) =>
        ngram.toLowerCase().includes(wanted) || data.labels[label].toLowerCase().startsWith(wanted)
    );
    body.replaceChildren(...found.slice(0, most).map(row));
    const shown = Math.min(most, found.length);
    status.textContent =
      found.length === 0
        ? "none found"
        : shown < found.length
        ? `the strongest ${shown} of ${found.length}`
        : `${found.length} found`;
  };

  field.addEventListener("input", show);
  show();
})();
