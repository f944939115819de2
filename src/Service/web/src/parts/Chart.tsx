import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

export interface ChartSeries {
  label: string;
  values: (number | null)[];
  colour: string;
  kind: "points" | "line" | "both";
}

interface Props {
  title: string;
  x: number[];
  xLabel: string;
  yLabel: string;
  series: ChartSeries[];
  /** Half-lengths of error bars of the first series. */
  errors?: (number | null)[];
  /** Words for those who cannot see it. */
  summary: string;
}

/** A chart in the colours of the page, as wide as its place. */
export function Chart({ title, x, xLabel, yLabel, series, errors, summary }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current!;
    const ink = getComputedStyle(element).color;
    const grid = `color-mix(in srgb, ${ink} 14%, transparent)`;
    const axis = (label: string): uPlot.Axis => ({ label, stroke: ink, labelSize: 22, size: label === yLabel ? 52 : 40, labelFont: "13px system-ui, sans-serif", font: "12px system-ui, sans-serif", grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } });
    const plot = new uPlot({
      width: Math.max(260, element.clientWidth), height: 260,
      scales: { x: { time: false } },
      axes: [axis(xLabel), axis(yLabel)],
      legend: { show: true, live: false },
      cursor: { y: false },
      series: [{ label: xLabel }, ...series.map((one): uPlot.Series => ({
        label: one.label, stroke: one.colour, width: one.kind === "points" ? 0 : 2, spanGaps: false,
        points: { show: one.kind !== "line", size: 5, fill: one.colour, stroke: one.colour },
      }))],
      hooks: {
        draw: [(chart) => {
          const context = chart.ctx;
          context.save();
          context.strokeStyle = ink;
          context.globalAlpha = 0.45;
          const zero = chart.valToPos(0, "y", true);
          if (zero > chart.bbox.top && zero < chart.bbox.top + chart.bbox.height) {
            context.beginPath();
            context.moveTo(chart.bbox.left, zero);
            context.lineTo(chart.bbox.left + chart.bbox.width, zero);
            context.stroke();
          }

          context.globalAlpha = 1;
          if (errors && series[0]) {
            context.strokeStyle = series[0].colour;
            context.lineWidth = 1.5 * devicePixelRatio;
            x.forEach((at, i) => {
              const [value, error] = [series[0]!.values[i], errors[i]];
              if (value === null || value === undefined || error === null || error === undefined) return;
              const column = chart.valToPos(at, "x", true);
              context.beginPath();
              context.moveTo(column, chart.valToPos(value - error, "y", true));
              context.lineTo(column, chart.valToPos(value + error, "y", true));
              context.stroke();
            });
          }

          context.restore();
        }],
      },
    }, [x, ...series.map((one) => one.values)] as uPlot.AlignedData, element);
    const resized = new ResizeObserver(() => plot.setSize({ width: Math.max(260, element.clientWidth), height: 260 }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [x, series, errors]);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={summary} />
    </figure>
  );
}
