// Draws the charts of a report with plotly.js, in the colours of the page.
(() => {
  "use strict";

  const figures = JSON.parse(document.getElementById("figures").textContent);
  const isCoarse = matchMedia("(pointer: coarse)").matches; // where a finger on a chart scrolls the page
  const off = { run: new Set(), kind: new Set() };
  let isLog = false;

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // In a name plotly takes some tags for markup.
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

  const axis = (more) => ({
    gridcolor: style("--grid"),
    linecolor: style("--line"),
    tickfont: { color: style("--muted"), size: 11 },
    zeroline: false,
    fixedrange: isCoarse,
    automargin: true,
    ...more,
  });

  // Beyond some curves a box with all of them would cover the chart: then the nearest one tells its value.
  const MANY = 8;

  // Around one value that never changes plotly shows from 1 below to 1 above it: a learning rate would look like 0.
  const around = (shown) => {
    const [value, other] = new Set(shown.flatMap((trace) => trace.y).filter(Number.isFinite));
    return !value || other !== undefined || isLog ? {} : { range: value > 0 ? [0, 2 * value] : [2 * value, 0] };
  };

  const layout = (shown) => ({
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", color: style("--ink"), size: 12 },
    margin: { l: 8, r: 12, t: 8, b: 8 },
    showlegend: false,
    hovermode: shown.length > MANY ? "closest" : "x unified",
    hoverdistance: 60,
    dragmode: isCoarse ? false : "zoom",
    hoverlabel: {
      bgcolor: style("--card"),
      bordercolor: style("--line"),
      font: { family: "system-ui, sans-serif", color: style("--ink"), size: 11 },
      namelength: 40,
    },
    xaxis: axis({
      showgrid: false,
      showline: true,
      nticks: 6,
      hoverformat: ",d",
      unifiedhovertitle: { text: "step %{x}" },
      spikecolor: style("--muted"),
      spikethickness: 1,
      spikedash: "dot",
    }),
    yaxis: axis({ nticks: 6, type: isLog ? "log" : "linear", exponentformat: "e", ...around(shown) }),
  });

  // A chart of a sweep is over other things than steps: its axes are its own, and no button changes it.
  const ownLayout = (figure, shown) => {
    const usual = layout(shown);
    const { xaxis, yaxis, ...more } = figure.layout;
    const plain = { unifiedhovertitle: undefined, hoverformat: undefined };
    return {
      ...usual,
      hovermode: "closest",
      ...more,
      xaxis: { ...usual.xaxis, ...plain, showgrid: true, ...xaxis },
      yaxis: { ...usual.yaxis, type: "-", range: undefined, ...yaxis },
    };
  };
  const isOwn = (figure) => Object.keys(figure.layout || {}).length > 0;

  const traces = (figure) =>
    figure.data.map((trace) => {
      const colour = style(`--colour-${trace.meta.colour}`);
      const isShown = !off.run.has(String(trace.meta.run)) && !off.kind.has(trace.meta.kind);
      return {
        ...trace,
        name: escaped(trace.name),
        line: { ...trace.line, color: colour },
        marker: { ...trace.marker, color: colour },
        visible: isShown,
        hovertemplate: trace.hoverinfo === "skip" ? undefined : trace.hovertemplate,
      };
    });

  const draw = (figure, at) => {
    const data = traces(figure);
    const shown = data.filter((trace) => trace.visible && trace.hoverinfo !== "skip");
    const options = { responsive: true, displayModeBar: false };
    if (isOwn(figure)) return Plotly.react(`chart-${at}`, data, ownLayout(figure, shown), options);
    if (shown.length > MANY) shown.forEach((trace) => (trace.hovertemplate = `step %{x:,d}: ${trace.hovertemplate}`));
    return Plotly.react(`chart-${at}`, data, layout(shown), options);
  };

  // One chart a frame: a page with a hundred of them can be read and scrolled meanwhile.
  let next = 0;
  const drawNext = () => {
    if (next < figures.length) {
      draw(figures[next], next);
      next += 1;
      requestAnimationFrame(drawNext);
    } else {
      document.documentElement.dataset.drawn = String(figures.length);
    }
  };
  const redraw = () => figures.slice(0, next).forEach(draw);

  document.querySelectorAll(".chip").forEach((chip) =>
    chip.addEventListener("click", () => {
      const isPressed = chip.getAttribute("aria-pressed") !== "true";
      chip.setAttribute("aria-pressed", String(isPressed));
      const { shows, value } = chip.dataset;
      if (!shows) isLog = isPressed;
      else if (isPressed) off[shows].delete(value);
      else off[shows].add(value);
      redraw();
    }),
  );
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("print").addEventListener("change", redraw);
  addEventListener("beforeprint", () => {
    while (next < figures.length) draw(figures[next], next++);
  });
  // A log is read from its end.
  document.querySelectorAll("#log details").forEach((details) => {
    const showEnd = () => details.querySelector(".code").scrollTo(0, 1e9);
    details.addEventListener("toggle", showEnd);
    showEnd();
  });
  if (figures.length && typeof Plotly === "undefined") {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent =
      "The charts are drawn by plotly.js, which this page loads from beside the runs, and it is not there. " +
      "'lighter report RUN --single_file' writes a page that needs no other file.";
    document.getElementById("curves").append(note);
    figures.length = 0;
  }
  drawNext();
})();
