#!/usr/bin/env python3
"""usage: loadtest/chart.py FOLDER >docs/growth.svg: draws the results of grow.sh
       loadtest/chart.py SOAK.json >docs/soak.svg: draws what loadtest soak --json wrote"""
import json, math, pathlib, re, sys

WIDTH, HEIGHT, LEFT, TOP = 320, 200, 56, 34


def load(folder, prefix):
    rows = []
    for path in pathlib.Path(folder).glob(f"{prefix}-*.json"):
        report = json.loads(path.read_text())
        rows.append((int(re.search(r"(\d+)$", path.stem)[1]), report["ackedSamples"] / report["seconds"] / 1e6, report["daemonResidentBytesMax"] / 2**30))
    return sorted(rows)


def grid(column, row, title, unit, top):
    """The title, the lines across and the unit below; where the panel begins, and the value at its top."""
    x0, y0 = LEFT + column * (WIDTH + 80), TOP + row * (HEIGHT + 80)
    step = 10 ** math.floor(math.log10(top))
    step = next(step * k for k in (0.2, 0.5, 1, 2, 5) if top / (step * k) <= 6)
    top = math.ceil(top / step) * step
    svg = [f'<text x="{x0}" y="{y0 - 14}" font-weight="bold">{title}</text>']
    for tick in range(round(top / step) + 1):
        y = y0 + HEIGHT - HEIGHT * tick * step / top
        svg.append(f'<path d="M{x0} {y:.1f}h{WIDTH}" stroke="#ddd"/><text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end">{tick * step:g}</text>')
    svg.append(f'<text x="{x0 + WIDTH / 2}" y="{y0 + HEIGHT + 34}" text-anchor="middle" fill="#555">{unit}</text>')
    return x0, y0, top, svg


def polyline(places):
    return '<polyline fill="none" stroke="#1668b8" stroke-width="2" points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + '"/>'


def panel(column, row, title, unit, points):
    x0, y0, top, svg = grid(column, row, title, unit, max(value for _, value in points))
    places = [(x0 + WIDTH * (at + 0.5) / len(points), y0 + HEIGHT - HEIGHT * value / top) for at, (_, value) in enumerate(points)]
    svg.append(polyline(places))
    for (x, y), (label, value) in zip(places, points):
        svg.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#1668b8"/><text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{value:.1f}</text>')
        svg.append(f'<text x="{x:.1f}" y="{y0 + HEIGHT + 16}" text-anchor="middle">{label:,}</text>')
    return svg


def over_time(column, row, title, points):
    """A line over minutes, without a mark at each of its many points."""
    x0, y0, top, svg = grid(column, row, title, "minutes", max(max(value for _, value in points), 1e-3))
    end = max(minute for minute, _ in points)
    svg.append(polyline([(x0 + WIDTH * minute / end, y0 + HEIGHT - HEIGHT * value / top) for minute, value in points]))
    ticks = [f'<text x="{x0 + WIDTH * part / 4:.1f}" y="{y0 + HEIGHT + 16}" text-anchor="middle">{end * part / 4:.3g}</text>' for part in range(5)]
    return svg + ticks


def soak(file):
    samples = json.loads(pathlib.Path(file).read_text())["samples"]
    shown = (("resident, MiB", "residentBytes", 2**20), ("disk, MiB", "diskBytes", 2**20), ("file handles", "handles", 1),
             ("threads", "threads", 1), ("send→ack p99, ms", "ackP99Millis", 1), ("send→visible p99, ms", "visibleP99Millis", 1))
    parts = []
    for at, (title, key, scale) in enumerate(shown):
        parts += over_time(at % 3, at // 3, title, [(sample["seconds"] / 60, sample[key] / scale) for sample in samples])
    return parts


def growth(folder):
    parts = []
    for column, (prefix, unit) in enumerate((("series", "series"), ("agents", "agents, 10,000 series"), ("cores", "cores, sender included"))):
        rows = load(folder, prefix)
        parts += panel(column, 0, "rows, million samples/s", unit, [(x, rate) for x, rate, _ in rows])
        parts += panel(column, 1, "resident, GiB at most", unit, [(x, memory) for x, _, memory in rows])
    return parts


def main(source):
    parts = soak(source) if pathlib.Path(source).is_file() else growth(source)
    width, height = LEFT + 3 * (WIDTH + 80), TOP + 2 * (HEIGHT + 80)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">')
    print(f'<rect width="{width}" height="{height}" fill="#fff"/>')
    print("\n".join(parts))
    print("</svg>")


main(sys.argv[1])
