// Where the reader is, and everything that moves them.

class Page {
  constructor() {
    const read = (id) => JSON.parse(document.getElementById(id).textContent);
    this.walk = new Walk(read("walk-data"));
    this.words = read("walk-words");
    this.view = new View(this.walk, this.words);
    this.station = 0;
    this.step = 0; // the instruction that is about to run
    this.cpuBefore = undefined; // what the registers are compared with
    this.view.language = this.chosenLanguage();
    this.find = (id) => document.getElementById(id);
  }

  // Storage may be forbidden for a page from a file: then choices last as long as the page.
  kept(key, value) {
    try {
      if (value !== undefined) {
        localStorage.setItem("pylon-walk-" + key, value);
      }
      return localStorage.getItem("pylon-walk-" + key);
    } catch {
      return null;
    }
  }

  chosenLanguage() {
    const asked = new URLSearchParams(location.search).get("lang") || this.kept("language") || navigator.language || "en";
    return asked.toLowerCase().startsWith("zh") ? "zh" : "en";
  }

  start() {
    document.documentElement.dataset.theme = this.kept("theme") || "auto";
    this.find("language").onclick = () => this.switchLanguage();
    this.find("theme").onclick = () => this.switchTheme();
    this.find("help-open").onclick = () => this.find("help").showModal();
    this.find("back").onclick = () => this.go(this.station - 1);
    this.find("forward").onclick = () => this.go(this.station + 1);
    document.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("toggle", (event) => this.toggled(event), true);
    addEventListener("hashchange", () => this.followHash());
    addEventListener("beforeprint", () => this.drawPaper());
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth !== width) {
        width = innerWidth;
        this.find("journey").innerHTML = this.view.journey(this.station);
      }
    });
    this.drawFrame();
    this.followHash(true);
  }

  // #4 is station 4, #4.17 its 17th instruction.
  followHash(first = false) {
    const [station, instruction] = location.hash.slice(1).split(".").map(Number);
    const index = Number.isInteger(station) ? Math.min(Math.max(station, 1), this.walk.stations.length) - 1 : 0;
    if (instruction > 1) {
      const { first: start, count } = this.walk.stations[index];
      this.goStep(Math.min(start + Math.floor(instruction) - 1, start + Math.max(count, 1) - 1));
    } else if (first || index !== this.station || this.step !== this.walk.stations[index].first) {
      this.go(index, first);
    }
  }

  writeHash() {
    const inside = this.step - this.walk.stations[this.station].first;
    const hash = `#${this.station + 1}${inside > 0 ? "." + (inside + 1) : ""}`;
    if (location.hash !== hash && (location.hash || hash !== "#1")) {
      history.replaceState(null, "", hash);
    }
  }

  go(index, quiet = false) {
    if (index < 0 || index >= this.walk.stations.length) {
      return;
    }
    this.cpuBefore = index > 0 ? this.walk.stations[index - 1].first : undefined;
    this.station = index;
    this.step = this.walk.stations[index].first;
    this.draw();
    if (!quiet) {
      this.showTop();
    }
  }

  showTop() {
    const top = this.find("station").getBoundingClientRect().top;
    if (top < 0 || top > innerHeight * 0.7) {
      scrollBy({ top: top - 12, behavior: "instant" });
    }
  }

  goStep(step) {
    if (step < 0 || step > this.walk.length) {
      return;
    }
    const station = this.walk.stationOfStep(step);
    const other = station !== this.station;
    this.station = station;
    this.cpuBefore = step > 0 ? step - 1 : undefined;
    this.step = step;
    if (other || !this.find("tree")) {
      this.draw();
    }
    this.reveal(step);
    this.drawStep();
    const line = this.find("code").querySelector(`[data-step="${step}"]`);
    if (line) {
      line.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  // Opens the calls around an instruction.
  reveal(step) {
    const station = this.walk.stations[this.station];
    const has = (node) => (node.items ? node.items.some(has) : node.first <= step && step < node.first + node.count);
    for (;;) {
      const closed = [...this.find("code").querySelectorAll("details[data-node]")].find((details) => !details.open && has(this.view.nodes[Number(details.dataset.node)]));
      if (!closed) {
        break;
      }
      this.view.fill(closed, station);
      closed.open = true;
    }
    for (let more; (more = this.moreBefore(step)); ) {
      this.showMore(more);
    }
  }

  moreBefore(step) {
    return [...this.find("code").querySelectorAll("[data-more]")].find((button) => {
      const [first, count] = button.dataset.more.split(",").map(Number);
      return first <= step && step < first + count;
    });
  }

  showMore(button) {
    const [first, count] = button.dataset.more.split(",").map(Number);
    button.insertAdjacentHTML("beforebegin", this.view.lines(first, count));
    button.remove();
  }

  // What changes with the language only.
  drawFrame() {
    const { view } = this;
    document.documentElement.lang = view.language === "zh" ? "zh-CN" : "en";
    for (const element of document.querySelectorAll("[data-word]")) {
      element.textContent = view.page(element.dataset.word);
    }
    const heading = view.heading();
    this.find("title").innerHTML = heading.title;
    this.find("signature").textContent = heading.signature;
    this.find("lead").innerHTML = heading.lead;
    document.title = `${this.walk.data.call} · ${this.walk.data.kernel} · ${this.walk.data.isa} · pylon walk`;
    this.find("journey-caption").textContent = view.page("journey", { user: this.walk.data.modes[0] });
    this.find("made").textContent = this.walk.data.command ? view.page("made", { command: this.walk.data.command }) : "";
    const button = this.find("language");
    const other = view.language === "zh" ? ["English", "en", "Switch to English"] : ["中文", "zh", "切换到中文"];
    [button.textContent, button.lang] = other;
    button.setAttribute("aria-label", other[2]);
    this.find("help-open").setAttribute("aria-label", view.page("help"));
    const rows = this.words.help[view.language].map(([keys, text]) => `<tr><td>${keys.split(/\s+/).map((key) => `<kbd>${esc(key)}</kbd>`).join(" ")}</td><td>${esc(text)}</td></tr>`);
    this.find("help-text").innerHTML = `<table>${rows.join("")}</table><p>${esc(view.words("help_note"))}</p>`;
    this.drawTheme();
  }

  draw() {
    const { view } = this;
    this.find("journey").innerHTML = view.journey(this.station);
    this.find("stations").innerHTML = view.stationList(this.station);
    this.find("station").innerHTML = view.station(this.station);
    this.find("code").innerHTML = view.code(this.station);
    this.find("code").hidden = !this.find("code").innerHTML;
    this.drawStep();
    const current = this.find("stations").querySelector("[aria-current]");
    if (current && current.offsetParent) {
      const list = document.querySelector(".stations");
      list.scrollTop = Math.max(0, current.offsetTop - list.clientHeight / 2);
    }
  }

  drawStep() {
    const { view, walk } = this;
    const wasOpen = this.find("general") && this.find("general").open;
    this.find("cpu").innerHTML = view.cpu(this.step, this.cpuBefore);
    this.find("general").open = Boolean(wasOpen);
    for (const line of this.find("code").querySelectorAll(".ins.here")) {
      line.classList.remove("here");
      line.removeAttribute("aria-current");
    }
    const line = this.find("code").querySelector(`[data-step="${this.step}"]`);
    if (line) {
      line.classList.add("here");
      line.setAttribute("aria-current", "step");
    }
    const station = walk.stations[this.station];
    const inside = station.count ? view.page("at_instruction", { n: view.number(this.step - station.first + 1), all: view.number(station.count) }) : "";
    this.find("where").innerHTML = `<span>${this.station + 1}/${walk.stations.length} · ${esc(view.title(station))}</span>${inside ? `<br><span>${esc(inside)}</span>` : ""}`;
    this.find("back").innerHTML = `← <span class="wide">${esc(view.page("back"))}</span>`;
    this.find("forward").innerHTML = `<span class="wide">${esc(view.page("forward"))}</span> →`;
    this.find("back").setAttribute("aria-label", view.page("back"));
    this.find("forward").setAttribute("aria-label", view.page("forward"));
    this.find("back").disabled = this.station === 0;
    this.find("forward").disabled = this.station === walk.stations.length - 1;
    this.writeHash();
  }

  drawPaper() {
    this.find("paper").innerHTML = this.view.paper();
  }

  isDark() {
    const theme = document.documentElement.dataset.theme;
    return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  }

  drawTheme() {
    this.find("theme").textContent = this.view.page(this.isDark() ? "light" : "dark");
  }

  switchTheme() {
    const theme = this.isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    this.kept("theme", theme);
    this.drawTheme();
  }

  switchLanguage() {
    this.view.language = this.view.language === "zh" ? "en" : "zh";
    this.kept("language", this.view.language);
    const { step, cpuBefore } = this;
    this.drawFrame();
    this.draw();
    [this.step, this.cpuBefore] = [step, cpuBefore];
    this.drawStep();
  }

  clicked(event) {
    const target = event.target.closest("[data-station],[data-step],[data-more],[data-tree]");
    if (!target) {
      return;
    }
    const { station, step, more, tree } = target.dataset;
    if (station !== undefined) {
      this.go(Number(station));
    } else if (step !== undefined) {
      this.goStep(Number(step));
    } else if (more !== undefined) {
      this.showMore(target);
    } else if (tree === "open") {
      this.openAll();
    } else if (tree === "close") {
      this.find("tree").querySelectorAll("details").forEach((details) => (details.open = false));
    }
  }

  openAll() {
    const station = this.walk.stations[this.station];
    for (let closed; (closed = this.find("tree").querySelectorAll("details:not([open])")).length; ) {
      for (const details of closed) {
        this.view.fill(details, station);
        details.open = true;
      }
    }
  }

  toggled(event) {
    const details = event.target;
    if (details.open && details.dataset && details.dataset.node !== undefined) {
      this.view.fill(details, this.walk.stations[this.station]);
    }
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.find("help").open) {
      return;
    }
    const last = this.walk.stations.length - 1;
    const moves = {
      ArrowRight: () => this.go(this.station + 1),
      ArrowLeft: () => this.go(this.station - 1),
      ".": () => this.goStep(this.step + 1),
      ",": () => this.goStep(this.step - 1),
      Home: () => this.go(0),
      End: () => this.go(last),
      l: () => this.switchLanguage(),
      t: () => this.switchTheme(),
      "?": () => this.find("help").showModal(),
    };
    const move = moves[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (move) {
      event.preventDefault();
      move();
    }
  }
}

new Page().start();
