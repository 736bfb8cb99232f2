// The recording as the page uses it: stations with their steps, calls as trees, the registers at every step.

class Walk {
  constructor(data) {
    this.data = data;
    this.length = data.steps.pc.length;
    this.total = this.length - 1;
    this.topOfRule = data.rules.list.map((rule, index) => (rule.parent === undefined ? index : rule.parent));
    this.stations = this.makeStations();
    this.moments = data.registers.moments;
    this.held = { step: -1, next: 0, values: new Map() }; // the registers where they were last asked for
  }

  makeStations() {
    const stations = [];
    for (let step = 0; step < this.length; step++) {
      const top = this.topOfRule[this.data.rules.step[step]];
      const last = stations[stations.length - 1];
      if (!last || last.rule !== top) {
        stations.push({ rule: top, first: step, count: 1 });
      } else {
        last.count++;
      }
    }
    for (const station of stations) {
      station.id = this.data.rules.list[station.rule].id;
      station.user = this.level(station.first) === 0;
    }
    stations.push({ rule: -1, id: "end", first: this.length, count: 0, user: true });
    return stations;
  }

  // The address of a step, as a BigInt. Behind the last step: where user mode went on.
  address(step) {
    if (step >= this.length) {
      const value = this.valueAt(this.data.registers.pc, step);
      return value === undefined ? this.address(0) + this.trapBytes() : value;
    }
    const packed = this.data.steps.pc[step];
    return BigInt("0x" + this.data.pages[Math.floor(packed / 4096)]) * 4096n + BigInt(packed % 4096);
  }

  trapBytes() {
    return this.data.isa === "x86_64" ? 2n : 4n;
  }

  level(step) {
    return step >= this.length ? 0 : this.data.steps.level[step];
  }

  mode(step) {
    return this.data.modes[this.level(step)];
  }

  instruction(step) {
    return this.data.texts[this.data.steps.text[step]] || "";
  }

  functionName(step) {
    const name = step < this.length ? this.data.steps.name[step] : -1;
    return name < 0 ? "" : this.data.names[name];
  }

  place(step) {
    const file = step < this.length ? this.data.steps.file[step] : -1;
    const line = this.data.steps.line[step];
    return file < 0 || !this.data.files[file] ? "" : line ? this.data.files[file] + ":" + line : this.data.files[file];
  }

  sourceLine(step) {
    const file = step < this.length ? this.data.steps.file[step] : -1;
    const lines = file < 0 ? undefined : this.data.source[this.data.files[file]];
    return lines ? lines[this.data.steps.line[step]] : undefined;
  }

  // The registers before a step: the newest recorded values up to it. Before the trap, those that it sets are unknown.
  registersAt(step) {
    const wanted = step === 0 ? this.moments[0]?.[0] ?? 0 : step;
    if (wanted < this.held.step) {
      this.held = { step: -1, next: 0, values: new Map() };
    }
    const { values } = this.held;
    for (; this.held.next < this.moments.length && this.moments[this.held.next][0] <= wanted; this.held.next++) {
      const moment = this.moments[this.held.next];
      for (let at = 1; at < moment.length; at += 2) {
        values.set(this.data.registers.names[moment[at]], moment[at + 1]);
      }
    }
    this.held.step = wanted;
    const result = new Map(values);
    if (step === 0 && wanted > 0) {
      for (const name of SET_BY_TRAP[this.data.isa]) {
        result.delete(name);
      }
      if (result.has("SP_EL0")) {
        result.set("sp", result.get("SP_EL0"));
      }
    }
    return result;
  }

  valueAt(name, step) {
    const text = this.registersAt(step).get(name);
    return text === undefined ? undefined : BigInt("0x" + text);
  }

  // Instructions of each sub-station of a station, in the order in which they came.
  parts(station) {
    const counts = new Map();
    for (let step = station.first; step < station.first + station.count; step++) {
      const rule = this.data.rules.step[step];
      counts.set(rule, (counts.get(rule) || 0) + 1);
    }
    if (counts.size < 2) {
      return [];
    }
    return [...counts].map(([rule, count]) => ({ ...this.data.rules.list[rule], count }));
  }

  // Instructions of each function of a station, most first.
  functions(station) {
    const counts = new Map();
    for (let step = station.first; step < station.first + station.count; step++) {
      const name = this.functionName(step);
      const entry = counts.get(name) || { name, count: 0, file: this.place(step).replace(/:\d+$/, "") };
      entry.count++;
      counts.set(name, entry);
    }
    return [...counts.values()].sort((a, b) => b.count - a.count);
  }

  // The calls of a station as trees: {name, count, items}, an item being a run of steps {first, count} or a call.
  callTree(station) {
    const calls = this.data.calls;
    const root = { items: [], count: 0 };
    const open = new Map();
    const nodeOf = (call) => {
      if (call < 0) {
        return root;
      }
      let node = open.get(call);
      if (!node) {
        node = { name: this.data.names[calls.name[call]], items: [], count: 0 };
        open.set(call, node);
        // Callers outside the station do not show as levels of their own.
        const caller = calls.parent[call];
        (open.has(caller) ? open.get(caller) : root).items.push(node);
        node.caller = open.has(caller) ? caller : -1;
      }
      return node;
    };
    for (let step = station.first; step < station.first + station.count; step++) {
      const call = calls.step[step];
      const node = nodeOf(call);
      const last = node.items[node.items.length - 1];
      if (last && last.items === undefined && last.first + last.count === step) {
        last.count++;
      } else {
        node.items.push({ first: step, count: 1 });
      }
      for (let up = call; up >= 0 && open.has(up); up = open.get(up).caller) {
        open.get(up).count++;
      }
    }
    return root.items;
  }

  stationOfStep(step) {
    let found = 0;
    this.stations.forEach((station, index) => {
      if (station.first <= step) {
        found = index;
      }
    });
    return found;
  }
}
