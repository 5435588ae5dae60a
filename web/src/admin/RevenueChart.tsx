import { useEffect, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Revenue } from "../api/types";
import { useApp } from "../app/AppContext";

interface RevenueChartProperties {
  byDay: Revenue["byDay"];
  from: string;
  to: string;
}

const DAY = 86_400;

/** Revenue and commission by day; a table says the same to those who do not see it. */
export default function RevenueChart({ byDay, from, to }: RevenueChartProperties) {
  const { words, theme } = useApp();
  const { t, money } = words;
  const frame = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const days = daysBetween(from, to);
    const bars = UPlot.paths.bars?.({ size: [0.7, 40] });
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const millions = new Intl.NumberFormat(words.locale, { notation: "compact", maximumFractionDigits: 1 });
    const plot = new UPlot(
      {
        width: element.clientWidth,
        height: 240,
        cursor: { show: false },
        legend: { show: false },
        scales: { x: { time: true }, y: { range: (_, __, highest) => [0, Math.max(highest * 1.1, 1)] } },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 34,
            values: (_, ticks) =>
              ticks.map((tick) =>
                new Intl.DateTimeFormat(words.locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(tick * 1000),
              ),
          },
          { ...axis, size: 60, values: (_, ticks) => ticks.map((tick) => millions.format(tick)) },
        ],
        series: [
          {},
          { label: t("admin.revenue.total"), fill: colour("--brand-soft"), stroke: colour("--brand"), ...(bars ? { paths: bars } : {}), points: { show: false } },
          { label: t("admin.revenue.commission"), fill: colour("--sand"), stroke: colour("--sand-strong"), ...(bars ? { paths: bars } : {}), points: { show: false } },
        ],
        tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), "UTC"),
      },
      [
        days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000),
        days.map((day) => byDay[day]?.amount || null),
        days.map((day) => byDay[day]?.commission || null),
      ],
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 240 }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [byDay, from, to, words, t, theme]);

  return (
    <figure className="chart">
      <figcaption className="row small">
        <span className="legend legend-amount">{t("admin.revenue.total")}</span>
        <span className="legend legend-commission">{t("admin.revenue.commission")}</span>
      </figcaption>
      <div ref={frame} aria-hidden />
      <div className="visually-hidden">
        <table>
          <caption>{t("admin.revenue.chart")}</caption>
          <tbody>
            {Object.entries(byDay)
              .sort()
              .map(([day, sums]) => (
                <tr key={day}>
                  <th scope="row">{words.date(`${day}T00:00:00Z`, "UTC")}</th>
                  <td>{money(sums.amount)}</td>
                  <td>{money(sums.commission)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

function daysBetween(from: string, to: string): string[] {
  const first = Date.parse(`${from}T00:00:00Z`) / 1000;
  const last = Date.parse(`${to}T00:00:00Z`) / 1000;
  const count = Math.max(0, Math.round((last - first) / DAY)) + 1;
  return Array.from({ length: count }, (_, index) => new Date((first + index * DAY) * 1000).toISOString().slice(0, 10));
}
