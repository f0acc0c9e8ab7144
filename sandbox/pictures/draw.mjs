// Reads a graph (the JSON form of @viz-js/viz, see its documentation) and writes it as SVG, laid out by Graphviz.
import { readFileSync } from 'node:fs';
import { instance } from '@viz-js/viz';

const { layout, ...graph } = JSON.parse(readFileSync(0, 'utf8'));
const viz = await instance();
const { status, output, errors } = viz.render(graph, { format: 'svg', engine: layout });
if (status !== 'success') {
  console.error(errors.map((one) => one.message).join('\n'));
  process.exit(1);
}
process.stdout.write(output);
