/** Writes (or with --check compares) every generated page: `npm run docs`. */
import { join } from 'node:path';
import { renderErrors } from './errors.ts';
import { writeOrCheck } from './generated-file.ts';
import { renderNodes } from './nodes.ts';

const docs = join(import.meta.dirname, '../../docs');
writeOrCheck(join(docs, 'errors.md'), renderErrors());
writeOrCheck(join(docs, 'nodes.md'), renderNodes());
