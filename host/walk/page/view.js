// Everything that draws. All texts from the recording pass through esc() before they become markup.

const INSTRUCTIONS_AT_ONCE = 300;
const OPEN_BELOW = 48; // a station with fewer instructions shows them all at once

function esc(text) {
  return String(text).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);
}

// 16 digits in groups of four, the leading zeros faint.
function hexMarkup(text) {
  const digits = text.padStart(16, "0");
  const zeros = digits.length - text.length;
  let markup = "";
  for (let at = 0; at < 16; at += 4) {
    const faint = Math.min(4, Math.max(0, zeros - at));
    markup += (at ? "<wbr>" : "") + (faint ? `<i>${digits.substr(at, faint)}</i>` : "") + digits.substring(at + faint, at + 4);
    markup += at < 12 ? "\u2009" : "";
  }
  return `<span class="hex">${markup}</span>`;
}

class View {
  constructor(walk, words) {
    this.walk = walk;
    this.texts = words;
    this.language = "en";
  }

  // The text at a dotted path in the present language, {names} replaced.
  words(path, values = {}) {
    let at = this.texts;
    for (const key of path.split(".")) {
      at = at && at[key];
    }
    const text = (at && at[this.language]) || "";
    return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
  }

  page(key, values) {
    return this.words("page." + key, values);
  }

  number(value) {
    return value.toLocaleString("en-US");
  }

  counted(count) {
    return count === 1 ? this.page("instructions_one") : this.page("instructions", { count: this.number(count) });
  }

  hexAddress(step) {
    return "0x" + hexDigits(this.walk.address(step));
  }

  title(station) {
    return station.rule < 0 ? this.words("end") : this.walk.data.rules.list[station.rule][this.language];
  }

  modeMark(step) {
    return `<span class="mode ${this.walk.level(step) === 0 ? "user" : ""}">${esc(this.walk.mode(step))}</span>`;
  }

  isCall() {
    return this.walk.data.trap === "call";
  }

  prose(station) {
    const isa = this.walk.data.isa;
    let markup = "";
    // What an ISA's text says of entry and return is said of system calls.
    const own = this.isCall() ? [`stations.${station.id}.${isa}`] : [];
    const id = station.id === "end" && !this.isCall() ? "end_event" : station.id;
    for (const path of [`stations.${id}`, ...own, `stations.${id}.${this.walk.data.kernel}`]) {
      const text = this.words(path);
      markup += text ? `<p class="prose">${esc(text)}</p>` : "";
    }
    return markup;
  }

  // The head of the page.
  heading() {
    const data = this.walk.data;
    const fill = (text) =>
      esc(text)
        .replace("{call}", `<code>${esc(data.call)}</code>`)
        .replace("{program}", `<code>${esc(data.program || "")}</code>`)
        .replace("{kernel}", esc(data.kernel))
        .replace("{isa}", data.isa)
        .replace("{count}", `<strong>${this.number(this.walk.total)}</strong>`);
    const decoded = data.decoded.map(([name, text]) => text);
    const list = (decoded.length ? decoded : data.arguments.map((value) => "0x" + value)).join(", ");
    const result = data.result_text || BigInt.asIntN(64, BigInt("0x" + data.result));
    return {
      title: fill(this.texts.page[this.isCall() ? "title" : `title_${data.trap}`][this.language]),
      signature: `${data.call}(${list})` + (data.returned && this.isCall() ? ` → ${result}` : ""),
      lead: fill(this.texts.page[this.isCall() ? "lead" : `lead_${data.trap}`][this.language]),
    };
  }

  // The way down and up as a drawing; blocks are as wide as the square root of their instructions.
  journey(current) {
    const { walk } = this;
    const width = Math.max(340, Math.min(1100, document.getElementById("journey").clientWidth || 1000));
    const narrow = width < 560;
    const gap = narrow ? 8 : 14;
    const end = narrow ? 34 : 62; // room for the two stays in user mode
    const inner = walk.stations.filter((station) => !station.user);
    const weight = inner.reduce((sum, station) => sum + Math.sqrt(station.count), 0);
    const least = narrow ? 15 : 24;
    const room = width - 2 * end - gap * (inner.length + 1) - least * inner.length;
    const kernel = walk.stations.find((station) => !station.user);
    const user = { y: 22, h: 30 };
    const down = { y: 80, h: 36 };
    let x = end + gap;
    let blocks = "";
    const link = (index, station, box, label) => {
      const state = index === current ? "here" : index < current ? "done" : "";
      const titled = `${index + 1}. ${this.title(station)}: ${this.counted(station.count)}`;
      blocks += `<g data-station="${index}"><title>${esc(titled)}</title><rect class="block ${station.user ? "user" : ""} ${state}" x="${box.x}" y="${box.y}" width="${box.w}" height="${box.h}" rx="6"/>`;
      blocks += `<text class="number ${station.user ? "user" : ""} ${state}" x="${box.x + box.w / 2}" y="${box.y + box.h / 2 + 4}">${label}</text></g>`;
    };
    walk.stations.forEach((station, index) => {
      if (station.user) {
        const box = { x: index === 0 ? 4 : width - end + 4, y: user.y, w: end - 8, h: user.h };
        link(index, station, box, index + 1);
      } else {
        const w = least + (Math.max(0, room) * Math.sqrt(station.count)) / weight;
        link(index, station, { x, y: down.y, w, h: down.h }, index + 1);
        x += w + gap;
      }
    });
    const middle = down.y + down.h / 2;
    const right = width - end / 2;
    const way = `M${end / 2} ${user.y + user.h / 2} V${middle - 8} q0 8 8 8 H${right - 8} q8 0 8 -8 V${user.y + user.h / 2}`;
    const userName = this.page("userland", { mode: walk.data.modes[0] });
    const kernelName = this.page("kernelland", { mode: kernel ? walk.mode(kernel.first) : "" });
    return (
      `<svg viewBox="0 0 ${width} 144" role="group" aria-label="${esc(this.page("stations"))}">` +
      `<rect class="user-band" width="${width}" height="58" rx="10"/><rect class="kernel-band" y="64" width="${width}" height="80" rx="10"/>` +
      `<text class="band-name u" x="${width / 2}" y="41" text-anchor="middle">${esc(userName)}</text><text class="band-name k" x="${width / 2}" y="135" text-anchor="middle">${esc(kernelName)}</text>` +
      `<path class="way" d="${way}"/>${blocks}</svg>`
    );
  }

  stationList(current) {
    const most = Math.max(...this.walk.stations.map((station) => station.count));
    return this.walk.stations
      .map((station, index) => {
        const share = (100 * station.count) / most;
        const meter = station.count ? `<span class="meter"><i class="${station.user ? "user" : ""}" style="width:${share}%"></i></span>` : "";
        return `<li><button type="button" data-station="${index}" ${index === current ? 'aria-current="step"' : ""}><span class="n">${index + 1}</span><span>${esc(this.title(station))}</span><span class="count">${station.count ? this.number(station.count) : ""}</span>${meter}</button></li>`;
      })
      .join("");
  }

  kicker(index) {
    const station = this.walk.stations[index];
    const percent = ((100 * station.count) / this.walk.total).toFixed(station.count * 50 < this.walk.total ? 1 : 0) + "%";
    const counts = station.count ? `<span>${esc(this.counted(station.count))}</span>` : "";
    const share = station.count && !station.user ? `<span>${esc(this.page("share", { percent }))}</span>` : "";
    const of = this.page("station_of", { n: index + 1, all: this.walk.stations.length });
    return `<p class="kicker">${this.modeMark(station.first)}<span>${esc(of)}</span>${counts}${share}</p>`;
  }

  // What the trap does, with this walk's own values.
  deeds() {
    const { walk } = this;
    const isa = walk.data.isa;
    const code = (text) => `<code>${esc(text)}</code>`;
    const values = {
      old_mode: esc(walk.mode(0)),
      mode: esc(walk.mode(1)),
      trap: code(this.hexAddress(0)),
      return: code("0x" + hexDigits(walk.address(0) + walk.trapBytes())),
      vector: code(this.hexAddress(1)),
    };
    const list = this.texts[this.isCall() ? "deeds" : "deeds_event"][isa][this.language].map((deed) => deed.replace(/\{(\w+)\}/g, (all, name) => values[name] || all));
    return `<h3>${esc(this.page(this.isCall() ? "trap_does" : "event_does"))}</h3><ol class="deeds">${list.map((deed) => `<li><span>${deed}</span></li>`).join("")}</ol>`;
  }

  trapText() {
    const registers = this.walk.data.registers;
    const used = registers.argument.slice(0, this.walk.data.arguments.length).join(", ");
    const text = this.page("arguments_at", { number: this.walk.data.number, number_register: registers.number, registers: used });
    return used ? `<p class="prose">${esc(text)}</p>` : "";
  }

  station(index) {
    const station = this.walk.stations[index];
    let markup = this.kicker(index) + `<h2>${esc(this.title(station))}</h2>` + this.prose(station);
    if (index === 0) {
      markup += this.trapText() + this.deeds();
    }
    if (station.rule < 0) {
      return markup + (this.walk.data.returned || !this.isCall() ? "" : `<p class="prose">${esc(this.page("elsewhere"))}</p>`);
    }
    return markup + this.parts(station);
  }

  code(index) {
    const station = this.walk.stations[index];
    if (station.rule < 0) {
      return "";
    }
    const few = station.count < OPEN_BELOW;
    const tools = station.count === 1 || few ? "" : `<span><button type="button" data-tree="open">${esc(this.page("open_all"))}</button> · <button type="button" data-tree="close">${esc(this.page("close_all"))}</button></span>`;
    return `<div class="tree-tools"><h3 id="code-title">${esc(this.page("code"))}</h3>${tools}</div><div class="tree" id="tree">${this.tree(station, few)}</div>`;
  }

  parts(station) {
    const parts = this.walk.parts(station);
    if (!parts.length) {
      return "";
    }
    const most = Math.max(...parts.map((part) => part.count));
    const row = (part) =>
      `<li><span>${esc(part.parent === undefined ? this.page("rest") : part[this.language])}</span><span class="meter"><i style="width:${(100 * part.count) / most}%"></i></span><span class="count">${this.number(part.count)}</span></li>`;
    return `<h3>${esc(this.page("inside"))}</h3><ul class="parts">${parts.map(row).join("")}</ul>`;
  }

  tree(station, open) {
    this.nodes = [];
    const items = this.walk.callTree(station);
    return items.map((item) => this.treeItem(item, station, open)).join("");
  }

  treeItem(item, station, open) {
    if (!item.items) {
      return `<div class="lines" data-run="${item.first},${item.count}"><div>${this.lines(item.first, item.count)}</div></div>`;
    }
    const number = this.nodes.push(item) - 1;
    const share = (100 * item.count) / station.count;
    const name = item.name.startsWith("0x") && station.user ? this.page("user_code") : item.name;
    const body = open ? item.items.map((inner) => this.treeItem(inner, station, open)).join("") : "";
    return `<details data-node="${number}" ${open ? 'open data-filled="1"' : ""}><summary><code title="${esc(name)}">${esc(shortName(name))}</code><span class="meter"><i class="${station.user ? "user" : ""}" style="width:${share}%"></i></span><span class="count">${this.number(item.count)}</span></summary><div class="body">${body}</div></details>`;
  }

  // Fills a call that is opened for the first time.
  fill(details, station) {
    if (details.dataset.filled) {
      return;
    }
    details.dataset.filled = "1";
    const node = this.nodes[Number(details.dataset.node)];
    details.querySelector(".body").innerHTML = node.items.map((item) => this.treeItem(item, station, false)).join("");
  }

  // Source lines with their instructions below them.
  lines(first, count) {
    const { walk } = this;
    const shown = Math.min(count, INSTRUCTIONS_AT_ONCE);
    let markup = "";
    let last = "";
    for (let step = first; step < first + shown; step++) {
      const place = walk.place(step) + "\n" + walk.functionName(step);
      if (place !== last && walk.data.steps.line[step]) {
        markup += this.sourceMarkup(step);
        last = place;
      }
      const [op, ...rest] = walk.instruction(step).trim().split(/\s+/);
      markup += `<button type="button" class="ins ${walk.level(step) === 0 ? "user" : ""}" data-step="${step}"><span class="pc">${hexDigits(walk.address(step))}</span><span class="op">${esc(op)}</span><span>${esc(rest.join(" "))}</span></button>`;
    }
    if (shown < count) {
      markup += `<button type="button" class="linkish more" data-more="${first + shown},${count - shown}">${esc(this.page("more", { count: this.number(count - shown) }))}</button>`;
    }
    return markup;
  }

  sourceMarkup(step) {
    const { walk } = this;
    const call = walk.data.calls.step[step];
    const outer = walk.data.names[walk.data.calls.name[call]];
    const inner = walk.functionName(step);
    const inlined = inner && inner !== outer ? `<span class="in">${esc(this.page("inlined", { name: shortName(inner) }))}</span>` : "";
    const text = walk.sourceLine(step);
    return `<div class="src"><span class="at">${esc(shortPlace(walk.place(step)))}</span>${text === undefined ? "" : esc(text.trim())}${inlined}</div>`;
  }

  // The registers at a step, those that differ from the step before marked.
  cpu(step, before) {
    const { walk } = this;
    const now = walk.registersAt(step);
    const then = before === undefined ? now : walk.registersAt(before);
    const differs = (name) => before !== undefined && now.get(name) !== then.get(name) && now.has(name);
    let markup = "<dl>";
    const pcChanged = before !== undefined && walk.address(step) !== walk.address(before);
    const inFunction = step < walk.length && walk.functionName(step) ? shortName(walk.functionName(step)) : "";
    const pcSays = inFunction || (walk.level(step) === 0 ? this.page("user_code") : this.words("registers.pc"));
    markup += this.register("PC", hexMarkup(hexDigits(walk.address(step))), pcSays, pcChanged);
    const modeChanged = before !== undefined && walk.level(step) !== walk.level(before);
    markup += this.register(this.page("mode"), this.modeMark(step), "", modeChanged);
    for (const name of this.shownRegisters()) {
      const own = now.has(name) ? name : name.toLowerCase(); // RCX and R11 are general registers of the recording
      if (!now.has(own) && !then.has(own) && !SET_BY_TRAP[walk.data.isa].includes(own)) {
        continue;
      }
      markup += this.systemRegister(name, now.get(own), differs(own) ? then.get(own) : undefined, differs(own));
    }
    markup += "</dl>";
    const general = walk.data.registers.general.filter((name) => now.has(name));
    const changed = general.filter(differs);
    const rows = general.map((name) => this.register(name, hexMarkup(now.get(name)), "", differs(name))).join("");
    const heading = changed.length ? this.page("general", { count: changed.length }) : this.page("general_none");
    markup += `<details id="general"><summary>${esc(heading)}</summary><dl class="general">${rows}</dl></details>`;
    return markup + `<p class="legend">${esc(this.page("legend"))}</p>`;
  }

  shownRegisters() {
    const names = this.walk.data.registers.system;
    return this.walk.data.isa === "x86_64" ? ["RCX", "R11", ...names] : names;
  }

  systemRegister(name, value, old, changed) {
    const words = (path, values) => this.words(path, values);
    const reader = REGISTER_READERS[name];
    const role = this.words("registers." + name);
    if (value === undefined) {
      return this.register(name, `<span class="hex"><i>${esc(this.page("not_recorded"))}</i></span>`, role, false);
    }
    const means = reader ? reader(BigInt("0x" + value), words) : "";
    return this.register(name, hexMarkup(value), [role, means].filter(Boolean).join(" · "), changed, old);
  }

  register(name, value, says, changed, old) {
    const mark = changed ? ` class="reg changed" title="${esc(this.page("changed"))}"` : ' class="reg"';
    const was = old === undefined ? "" : `<dd class="old"><span>${esc(this.page("was"))} 0x${esc(old)}</span></dd>`;
    return `<div${mark}><dt>${esc(name)}</dt><dd>${value}</dd>${was}${says ? `<dd class="says">${esc(says)}</dd>` : ""}</div>`;
  }

  // All stations, for the printer.
  paper() {
    const { walk } = this;
    return walk.stations
      .map((station, index) => {
        let markup = `<section>${this.kicker(index)}<h2>${index + 1}. ${esc(this.title(station))}</h2>${this.prose(station)}`;
        markup += index === 0 ? this.trapText() + this.deeds() : "";
        markup += this.paperRegisters(index) + (station.count > 1 ? this.paperFunctions(station) : "");
        if (index === 0) {
          markup += `<p class="mono">${esc(this.hexAddress(0))}  ${esc(walk.instruction(0))}</p>`;
        }
        return markup + "</section>";
      })
      .join("");
  }

  paperRegisters(index) {
    const { walk } = this;
    const now = walk.registersAt(walk.stations[index].first);
    const then = index > 0 ? walk.registersAt(walk.stations[index - 1].first) : new Map();
    const names = this.walk.data.registers.system.filter((name) => now.has(name) && now.get(name) !== then.get(name));
    const rows = names.map((name) => {
      const reader = REGISTER_READERS[name];
      const means = reader ? reader(BigInt("0x" + now.get(name)), (path, values) => this.words(path, values)) : this.words("registers." + name);
      return `<tr><td class="mono">${esc(name)}</td><td class="mono">0x${esc(now.get(name))}</td><td>${esc(means)}</td></tr>`;
    });
    const pc = `<tr><td class="mono">PC</td><td class="mono">${esc(this.hexAddress(walk.stations[index].first))}</td><td>${esc(shortName(walk.functionName(walk.stations[index].first)))}</td></tr>`;
    return `<table><thead><tr><th colspan="3">${esc(this.page("changes"))}</th></tr></thead><tbody>${pc}${rows.join("")}</tbody></table>`;
  }

  paperFunctions(station) {
    const rows = this.walk
      .functions(station)
      .slice(0, 24)
      .map((entry) => `<tr><td class="mono">${esc(shortName(entry.name))}</td><td>${esc(shortPlace(entry.file))}</td><td class="r">${this.number(entry.count)}</td></tr>`);
    return `<table><thead><tr><th>${esc(this.page("function"))}</th><th>${esc(this.page("place"))}</th><th class="r">${esc(this.page("count"))}</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  }
}

// Template arguments and ABI tags cut down to what a reader can take in.
function shortName(name) {
  let short = name.replace(/\[abi:\w+\]/g, "").replace(/std::__1::/g, "std::");
  if (short.length > 60) {
    let previous = "";
    while (previous !== short) {
      previous = short;
      short = short.replace(/<[^<>]+>/g, "‹…›");
    }
  }
  return short.replace(/^void (?=.*'lambda)/, "").replace(/(\(.*?\))?::'lambda.*$/, "::lambda");
}

function shortPlace(place) {
  return place.replace(/^\/usr\/lib\/llvm-\d+\/include\/c\+\+\/v1\//, "libc++/").replace(/^\/usr\/include\//, "");
}
