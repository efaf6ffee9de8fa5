/** The drawing's inner size and its margins, in pixels. */
const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [360, 280, 48, 16, 175, 40];

const COLOURS = ['#0c5c4c', '#b4560a', '#3457a6', '#8a2f5d', '#6b6b00', '#00707a'];

/** Lines over `sizes` on two logarithmic axes, as SVG: the dashed line grows as the data do. */
export function chart(sizes, lines) {
  const highest = Math.max(sizes.at(-1), ...lines.flatMap(({ values }) => values));
  const lowest = Math.min(0.5, ...lines.flatMap(({ values }) => values));
  const x = (size) => Math.round(LEFT + (Math.log(size) / Math.log(sizes.at(-1))) * WIDTH);
  const y = (value) => Math.round(TOP + HEIGHT - ((Math.log(value) - Math.log(lowest)) / (Math.log(highest) - Math.log(lowest))) * HEIGHT);
  const path = (values) => values.map((value, at) => `${at === 0 ? 'M' : 'L'}${x(sizes[at])} ${y(value)}`).join('');
  const ends = spread(lines.map(({ values }) => y(values.at(-1))));
  const marks = sizes.flatMap((size) => [
    `<path class="grid" d="M${x(size)} ${TOP}V${TOP + HEIGHT}M${LEFT} ${y(size)}H${LEFT + WIDTH}"/>`,
    `<text x="${x(size)}" y="${TOP + HEIGHT + 18}" text-anchor="middle">${size} ×</text>`,
    `<text x="${LEFT - 6}" y="${y(size) + 4}" text-anchor="end">${size} ×</text>`,
  ]);
  const drawn = lines.map(({ name, values }, at) => {
    const colour = COLOURS[at % COLOURS.length];
    const label = `<text x="${LEFT + WIDTH + 8}" y="${ends[at] + 4}" fill="${colour}">${name} ${values.at(-1).toFixed(1)} ×</text>`;
    return `<path d="${path(values)}" fill="none" stroke="${colour}" stroke-width="2"/>${label}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + RIGHT} ${TOP + HEIGHT + BOTTOM}" font-family="sans-serif" font-size="12" role="img">
<title>How time and memory grow as the data do</title>
<style>.grid { stroke: #ddd; fill: none; }</style>
<rect width="100%" height="100%" fill="#fff"/>
${marks.join('\n')}
<path d="${path(sizes)}" fill="none" stroke="#555" stroke-dasharray="5 4"/>
${drawn.join('\n')}
<text x="${LEFT + WIDTH / 2}" y="${TOP + HEIGHT + 34}" text-anchor="middle">data, in thousands of clients; dashed: as the data</text>
</svg>
`;
}

/** The same heights, moved apart so that words do not lie on each other. */
function spread(heights) {
  const LINE = 15;
  const order = heights.map((_, at) => at).sort((a, b) => heights[a] - heights[b]);
  const moved = [...heights];
  for (let n = 1; n < order.length; n++) moved[order[n]] = Math.max(moved[order[n]], moved[order[n - 1]] + LINE);
  return moved;
}
