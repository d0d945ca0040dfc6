/** The completeness rule: one name per node in source path, documentation, test and graphs. Pure. */

export interface NodeFacts {
  readonly type: string;
  readonly doc: string;
  readonly summary: string;
  /** Documentation of every parameter, input and output. */
  readonly partDocs: Readonly<Record<string, string>>;
}

export interface Surroundings {
  readonly paths: ReadonlySet<string>;
  /** docs/nodes.md */
  readonly documentation: string;
  /** Texts of the saved graphs. */
  readonly graphs: readonly string[];
}

export function nodeViolations(node: NodeFacts, { paths, documentation, graphs }: Surroundings): string[] {
  const found: string[] = [];
  if (!/^[a-z]+\/[a-z0-9]+(-[a-z0-9]+)*$/.test(node.type)) found.push(`${node.type}: not family/name`);
  if (!paths.has(`src/nodes/${node.type}.ts`)) found.push(`${node.type}: no src/nodes/${node.type}.ts`);
  if (!paths.has(`test/nodes/${node.type}.test.ts`)) found.push(`${node.type}: no test/nodes/${node.type}.test.ts`);
  if (!new RegExp(`^#+ .*\`?${node.type}\`?`, 'm').test(documentation))
    found.push(`${node.type}: not in docs/nodes.md`);
  if (!graphs.some((graph) => graph.includes(`"${node.type}"`))) found.push(`${node.type}: in no saved graph`);
  if (node.doc.length < 40) found.push(`${node.type}: its doc says too little`);
  if (node.summary.length < 10) found.push(`${node.type}: its summary says too little`);
  for (const [part, doc] of Object.entries(node.partDocs)) {
    if (doc.length < 8) found.push(`${node.type}: ${part} has no doc`);
  }
  return found;
}

/** Files under src/nodes/FAMILY/ that no registered node accounts for. */
export function strayNodeFiles(paths: readonly string[], types: ReadonlySet<string>): string[] {
  return paths.filter((path) => {
    const match = /^src\/nodes\/([a-z]+\/[a-z0-9-]+)\.ts$/.exec(path);
    return match !== null && !types.has(match[1] ?? '');
  });
}
