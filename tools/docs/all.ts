/** Writes (or with --check compares) every generated page and graph: `npm run docs`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { saveGraph } from '../../src/graph/index.ts';
import { FAMILY_GRAPHS } from '../graphs/families.ts';
import { headGraph } from '../graphs/head-graph.ts';
import { renderErrors } from './errors.ts';
import { writeOrCheck } from './generated-file.ts';
import { renderModels } from './models.ts';
import { renderNodes } from './nodes.ts';

const docs = join(import.meta.dirname, '../../docs');
writeOrCheck(join(docs, 'errors.md'), renderErrors());
writeOrCheck(join(docs, 'nodes.md'), renderNodes());
writeOrCheck(join(docs, 'models.md'), renderModels(readFileSync(join(docs, 'models.md'), 'utf8')));

const graphs = join(import.meta.dirname, '../../graphs');
for (const graph of FAMILY_GRAPHS) writeOrCheck(join(graphs, `${graph.file}.json`), saveGraph(headGraph(graph)));
