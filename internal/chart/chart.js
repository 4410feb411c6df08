// Readings and switches for the figures of a page. Everything is derived from the
// elements themselves, and without this script they show all that they have.
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const tip = document.createElement("div");
  tip.className = "nk-tip";
  tip.hidden = true;
  document.body.append(tip);

  // An axis as the plane describes it: ends, kind, format, and the pixels it covers.
  const axis = (text, from, to) => {
    const [lo, hi, kind, format] = text.split(" ");
    const a = { lo: +lo, hi: +hi, log: kind === "log", format, from, to };
    const map = a.log ? Math.log10 : (v) => v, back = a.log ? (v) => 10 ** v : (v) => v;
    a.value = (px) => back(map(a.lo) + ((px - from) / (to - from)) * (map(a.hi) - map(a.lo)));
    a.write = (v) => write(v, a);
    return a;
  };

  const plain = (v, digits) => v.toLocaleString("en-US", { maximumFractionDigits: Math.max(0, Math.min(6, digits)) });
  const write = (v, a) => {
    // As many digits as a pixel can tell apart.
    const grain = a.log ? Math.abs(v) / 100 : (a.hi - a.lo) / 2000;
    const digits = (scale) => -Math.floor(Math.log10(grain / scale || 1));
    switch (a.format) {
      case "percent": return plain(v * 100, Math.min(1, digits(0.01))) + "%";
      case "seconds": {
        if (Math.abs(v) >= 600) return `${Math.floor(v / 60)} min ${plain(v % 60, digits(1))} s`;
        return Math.abs(v) < 1 ? plain(v * 1000, digits(0.001)) + " ms" : plain(v, digits(1)) + " s";
      }
      case "bytes": {
        const power = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.abs(v) || 1) / 3)));
        return plain(v / 1000 ** power, digits(1000 ** power)) + " " + ["B", "kB", "MB", "GB", "TB"][power];
      }
    }
    return plain(v, digits(1));
  };

  // The points of a path that has only M, L, H and V.
  const points = (path) => {
    const out = [];
    let x = 0, y = 0;
    for (const [, op, a, b] of path.getAttribute("d").matchAll(/([MLHV])([-\d.]+)(?:,([-\d.]+))?/g)) {
      if (op !== "V") x = +a;
      if (op === "V") y = +a;
      if (b !== undefined) y = +b;
      out.push({ x, y, pen: op !== "M" });
    }
    return out;
  };

  // The height of a line at x, undefined where it is interrupted.
  const at = (line, x) => {
    for (let i = 1; i < line.length; i++) {
      const p = line[i - 1], q = line[i];
      if (!q.pen || x < p.x || x > q.x || q.x === p.x) continue;
      return p.y + ((x - p.x) / (q.x - p.x)) * (q.y - p.y);
    }
  };

  for (const svg of document.querySelectorAll("svg.nk")) {
    for (const key of svg.querySelectorAll(".key[data-k]")) {
      const series = svg.querySelectorAll(`.s[data-k="${key.dataset.k}"]`);
      if (!series.length) continue;
      key.setAttribute("tabindex", "0");
      key.setAttribute("role", "switch");
      key.setAttribute("aria-checked", "true");
      const toggle = () => {
        const off = key.classList.toggle("off");
        key.setAttribute("aria-checked", String(!off));
        series.forEach((s) => s.classList.toggle("off", off));
      };
      key.addEventListener("click", toggle);
      key.addEventListener("keydown", (e) => {
        if (e.key === "Enter" || e.key === " ") { e.preventDefault(); toggle(); }
      });
    }

    const plane = svg.querySelector(".plane");
    if (!plane || !plane.querySelector(".line .read")) continue;
    const [left, top, width, height] = plane.dataset.box.split(" ").map(Number);
    const x = axis(plane.dataset.x, left, left + width), y = axis(plane.dataset.y, top + height, top);
    const lines = [...plane.querySelectorAll(".line")].filter((g) => g.dataset.n && g.querySelector(".read")).map((g) => ({
      g, name: g.dataset.n, points: points(g.querySelector(".read")), stacked: g.parentNode.classList.contains("stack"),
    }));
    const hand = document.createElementNS(NS, "g");
    hand.setAttribute("class", "hand");
    svg.append(hand);

    const hide = () => { tip.hidden = true; hand.replaceChildren(); };
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("pointermove", (e) => {
      const ctm = svg.getScreenCTM();
      const px = (e.clientX - ctm.e) / ctm.a, py = (e.clientY - ctm.f) / ctm.d;
      if (px < left || px > left + width || py < top - 8 || py > top + height + 8) return hide();
      hand.replaceChildren();
      const cross = document.createElementNS(NS, "path");
      cross.setAttribute("d", `M${px},${top}V${top + height}`);
      cross.setAttribute("class", "a");
      hand.append(cross);
      const rows = [];
      let below = y.value(top + height);
      for (const line of lines) {
        const v = at(line.points, px);
        if (v === undefined) continue;
        let value = y.value(v);
        if (line.stacked) [value, below] = [value - below, value];
        if (line.g.classList.contains("off")) continue;
        const color = getComputedStyle(line.g).color;
        rows.push({ name: line.name, text: y.write(value), color });
        if (line.stacked) continue;
        const dot = document.createElementNS(NS, "circle");
        for (const [k, a] of Object.entries({ cx: px, cy: v, r: 3.5, fill: color })) dot.setAttribute(k, a);
        hand.append(dot);
      }
      if (!rows.length) return hide();
      tip.replaceChildren();
      const head = document.createElement("b");
      head.textContent = x.write(x.value(px));
      tip.append(head);
      for (const r of rows) {
        const row = document.createElement("span"), swatch = document.createElement("i"), value = document.createElement("em");
        swatch.style.background = r.color;
        value.textContent = r.text;
        row.append(swatch, r.name, value);
        tip.append(row);
      }
      tip.hidden = false;
      const box = tip.getBoundingClientRect();
      const room = document.documentElement.clientWidth;
      tip.style.left = `${e.clientX + 16 + box.width > room ? Math.max(4, e.clientX - 16 - box.width) : e.clientX + 16}px`;
      tip.style.top = `${Math.max(4, e.clientY - box.height - 10)}px`;
    });
  }
})();
