/**
 * What a person can do, as methods: each is one step on the session, the server or the view.
 * Buttons, keys, menus and drops all end here. Must not build page elements (panels do).
 */
import { type ErrorShape, toWeftError, WeftError } from '../../src/errors.ts';
import { readGraph, saveGraph } from '../../src/graph/index.ts';
import type { Graph, ParamValue } from '../../src/protocol/index.ts';
import { type ApiClient, ApiError } from './api/client.ts';
import { RunSocket, type Socket } from './api/run-socket.ts';
import type { GraphView } from './canvas/graph-view.ts';
import { arrange, hasOverlap, isPlaced, snap } from './document/arrange.ts';
import { looseOutputs } from './document/checks.ts';
import * as commands from './document/commands.ts';
import { copyNodes, type Fragment, fragmentText, parseFragment, pasteFragment } from './document/fragment.ts';
import { cleanName } from './document/names.ts';
import type { Session } from './session.ts';

/** Questions the page asks a person; each answers undefined when closed. */
export interface Dialogs {
  askName(title: string, name: string, action: string): Promise<string | undefined>;
  choose(title: string, text: string, options: readonly string[]): Promise<string | undefined>;
}

export class Editor {
  readonly session: Session;
  readonly api: ApiClient;
  readonly #socket: RunSocket;
  readonly #dialogs: Dialogs;
  #view: GraphView | undefined;
  #clipboard: Fragment | undefined;
  /** A cancel asked for before the server had named the run. */
  #cancelWhenAccepted = false;

  constructor(session: Session, api: ApiClient, openSocket: () => Socket, dialogs: Dialogs) {
    this.session = session;
    this.api = api;
    this.#dialogs = dialogs;
    const { run, pictures } = session;
    this.#socket = new RunSocket(openSocket, {
      accepted: (id) => {
        run.accepted(id);
        if (this.#cancelWhenAccepted) this.#socket.cancel(id);
        this.#cancelWhenAccepted = false;
        session.changed();
      },
      refused: (error) => this.#runFailed(error),
      event: (event) => {
        if (!run.apply(event)) return;
        if (event.type === 'run.failed') this.#tellFailure(event.error);
        if (event.type === 'run.finished' && event.failures > 0) {
          session.toast(
            'bad',
            `${event.failures} item${event.failures === 1 ? '' : 's'} failed`,
            'See the list below.',
          );
        }
        session.changed();
      },
      preview: (header, picture) => {
        if (header.run === run.run) pictures.put(header, picture);
      },
      resumeFrom: () => (run.isActive && run.run !== undefined ? { run: run.run, from: run.nextSeq } : undefined),
      connection: (isOpen) => {
        session.isConnected = isOpen;
        session.changed();
      },
    });
  }

  /** Loads the catalogue and connects. */
  async start(view: GraphView): Promise<void> {
    this.#view = view;
    const { session, api } = this;
    try {
      const [nodes, models, graphs] = await Promise.all([api.nodes(), api.models(), api.graphs()]);
      session.setCatalogue(nodes, models);
      session.graphs = graphs;
      session.changed();
      this.#socket.connect();
    } catch (error) {
      this.#tell(error);
    }
  }

  get view(): GraphView {
    if (this.#view === undefined) throw new WeftError('internal', {}, { cause: 'the view is not there yet' });
    return this.#view;
  }

  // Nodes and links

  /** Adds a node at a point of the canvas, or in the middle; returns its name. */
  addNode(type: string, at?: commands.Point, params: Readonly<Record<string, ParamValue>> = {}): string {
    const { session } = this;
    const id = commands.newNodeName(session.graph, type);
    const place = at ?? this.#freePlace();
    const title = session.descriptor(type)?.title ?? type;
    session.edit(`Add ${title}`, commands.addNode(id, type, [snap(place[0]), snap(place[1])], params));
    session.select([id]);
    return id;
  }

  /** Near the middle of what is visible, not on top of another node. */
  #freePlace(): commands.Point {
    const taken = Object.entries(this.session.graph.layout ?? {});
    let [x, y] = this.view.center;
    x -= 130;
    y -= 70;
    const isTaken = () =>
      taken.some(([id, [left, top]]) => {
        const [width, height] = this.view.sizeOf(id);
        return x < left + width + 20 && x + 260 > left - 20 && y < top + height + 20 && y + 140 > top - 20;
      });
    for (let tries = 0; tries < 60 && isTaken(); tries++) {
      x += 40;
      if (tries % 8 === 7) {
        x -= 320;
        y += 60;
      }
    }
    return [x, y];
  }

  connect(from: commands.OutputEnd, to: commands.InputEnd, moved?: commands.InputEnd): void {
    const link = commands.connect(from, to);
    this.session.edit('Wire', moved === undefined ? link : commands.together(commands.disconnect(moved), link));
  }

  disconnect(to: commands.InputEnd): void {
    this.session.edit('Remove wire', commands.disconnect(to));
  }

  /** Adds a node and wires it to a socket: what dropping a wire on empty ground offers. */
  addWired(type: string, at: commands.Point, end: commands.OutputEnd | commands.InputEnd): void {
    const { session } = this;
    const id = this.addNode(type, at);
    const descriptor = session.descriptor(type);
    const refusal = (from: commands.OutputEnd, to: commands.InputEnd) =>
      session.checker.refusal(session.graph, from, to);
    if ('output' in end) {
      const input = Object.keys(descriptor?.inputs ?? {}).find(
        (name) => refusal(end, { node: id, input: name }) === undefined,
      );
      if (input !== undefined) this.connect(end, { node: id, input });
    } else {
      const output = Object.keys(descriptor?.outputs ?? {}).find(
        (name) => refusal({ node: id, output: name }, end) === undefined,
      );
      if (output !== undefined) this.connect({ node: id, output }, end);
    }
  }

  deleteSelection(): void {
    const { session } = this;
    if (session.wire !== undefined) this.disconnect(session.wire);
    else if (session.selection.size > 0) {
      const label = session.selection.size === 1 ? 'Delete node' : `Delete ${session.selection.size} nodes`;
      session.edit(label, commands.removeNodes(session.selection));
    }
  }

  setParam(node: string, param: string, value: ParamValue | undefined): void {
    this.session.run.forgetErrors(node);
    this.session.edit(`Change ${param}`, commands.setParam(node, param, value), `param ${node} ${param}`);
  }

  selectAll(): void {
    this.session.select(Object.keys(this.session.graph.nodes));
  }

  // Copy and paste

  /** Text for the system clipboard, so that it also reaches another window. */
  copy(): string | undefined {
    if (this.session.selection.size === 0) return undefined;
    this.#clipboard = copyNodes(this.session.graph, this.session.selection);
    return fragmentText(this.#clipboard);
  }

  cut(): string | undefined {
    const text = this.copy();
    if (text !== undefined) this.deleteSelection();
    return text;
  }

  /** Pastes clipboard text, or what was last copied here. */
  paste(text?: string): boolean {
    const fragment =
      (text === undefined ? undefined : parseFragment(text)) ?? (text === undefined ? this.#clipboard : undefined);
    if (fragment === undefined) return false;
    this.#paste(fragment, 'Paste', this.#freePlace());
    return true;
  }

  duplicate(): void {
    const { session } = this;
    if (session.selection.size === 0) return;
    const fragment = copyNodes(session.graph, session.selection);
    const points = Object.values(fragment.layout);
    const [x, y] = [Math.min(...points.map((p) => p[0])), Math.min(...points.map((p) => p[1]))];
    this.#paste(fragment, 'Duplicate', [x + 40, y + 40]);
  }

  #paste(fragment: Fragment, label: string, at: commands.Point): void {
    const paste = pasteFragment(this.session.graph, fragment, [snap(at[0]), snap(at[1])]);
    this.session.edit(label, paste.command);
    this.session.select(paste.ids);
  }

  group(): void {
    const { session, view } = this;
    const boxes = [...session.selection].map((id) => {
      const [x, y] = session.graph.layout?.[id] ?? [0, 0];
      const [width, height] = view.sizeOf(id);
      return { x, y, right: x + width, bottom: y + height };
    });
    if (boxes.length === 0) return;
    const left = Math.min(...boxes.map(({ x }) => x)) - 20;
    const top = Math.min(...boxes.map(({ y }) => y)) - 50;
    const right = Math.max(...boxes.map((box) => box.right)) + 20;
    const bottom = Math.max(...boxes.map((box) => box.bottom)) + 20;
    const bounds: [number, number, number, number] = [left, top, right - left, bottom - top];
    session.edit(
      'Group',
      commands.setGroups([...(session.graph.groups ?? []), { title: 'Group', bounds, color: '#7c9cff' }]),
    );
  }

  async renameGroup(index: number): Promise<void> {
    const groups = this.session.graph.groups ?? [];
    const title = await this.#dialogs.askName('Name of the group', groups[index]?.title ?? '', 'Rename');
    if (title === undefined) return;
    this.session.edit(
      'Rename group',
      commands.setGroups(groups.map((group, i) => (i === index ? { ...group, title } : group))),
    );
  }

  ungroup(index: number): void {
    this.session.edit(
      'Remove group',
      commands.setGroups((this.session.graph.groups ?? []).filter((_, i) => i !== index)),
    );
  }

  arrange(): void {
    const { session, view } = this;
    session.edit('Arrange', commands.moveNodes(arrange(session.graph, (id) => view.sizeOf(id))));
    requestAnimationFrame(() => requestAnimationFrame(() => view.fit()));
  }

  // Pictures

  /** Uploads a picture and gives it to a node's source parameter. */
  async usePicture(file: File, node: string, param: string): Promise<void> {
    const { session } = this;
    try {
      const { ref } = await this.api.upload(file, file.name);
      this.setParam(node, param, ref);
      const output = Object.entries(session.descriptorOf(node)?.outputs ?? {}).find(
        ([, { type }]) => type.kind === 'Image',
      );
      session.run.nodes.delete(node);
      if (output !== undefined) session.pictures.putLocal(node, output[0], file);
      session.changed();
    } catch (error) {
      this.#tell(error);
    }
  }

  /** A picture dropped or pasted: for the node under it, the selected one, the only source, or a new source node. */
  async takePicture(file: File, over: string | undefined, at?: commands.Point): Promise<void> {
    const target = this.#pictureTarget(over);
    if (target !== undefined) return await this.usePicture(file, ...target);
    const source = this.session.nodes.find(
      ({ params, inputs }) =>
        Object.keys(inputs).length === 0 &&
        Object.values(params).some((spec) => spec.kind === 'source' && spec.accept === 'image'),
    );
    const param = Object.entries(source?.params ?? {}).find(([, spec]) => spec.kind === 'source')?.[0];
    if (source === undefined || param === undefined) return;
    const id = this.addNode(source.type, at === undefined ? undefined : [at[0] - 130, at[1] - 40]);
    await this.usePicture(file, id, param);
  }

  #pictureTarget(over: string | undefined): [string, string] | undefined {
    const { session } = this;
    const paramOf = (id: string | undefined) =>
      id === undefined
        ? undefined
        : Object.entries(session.descriptorOf(id)?.params ?? {}).find(
            ([, spec]) => spec.kind === 'source' && spec.accept === 'image',
          )?.[0];
    const sources = Object.keys(session.graph.nodes).filter((id) => paramOf(id) !== undefined);
    const chosen = [over, session.selection.size === 1 ? [...session.selection][0] : undefined].find(
      (id) => id !== undefined && sources.includes(id),
    );
    const id = chosen ?? (over === undefined && sources.length === 1 ? sources[0] : undefined);
    const param = paramOf(id);
    return id === undefined || param === undefined ? undefined : [id, param];
  }

  // Running

  runGraph(): void {
    const { session } = this;
    if (session.run.isActive) return;
    if (Object.keys(session.graph.nodes).length === 0) {
      session.toast('plain', 'There is nothing to run yet', 'Add nodes from the left, or open an example.');
      return;
    }
    this.#declareResults();
    const blocking = session.problems[0];
    if (blocking !== undefined) {
      const more = session.problems.length - 1;
      session.toast('bad', blocking.message, more > 0 ? `And ${more} more in the list below.` : blocking.remedy);
      if (blocking.node !== undefined) session.select([blocking.node]);
      return;
    }
    session.run.begin(performance.now());
    this.#socket.submit(session.graph);
    session.changed();
  }

  /** A graph that shows nothing would be refused: what its last nodes make becomes its results. */
  #declareResults(): void {
    const { session } = this;
    if (!session.problems.some(({ code }) => code === 'graph/no-output')) return;
    this.showLastResults();
  }

  showLastResults(): void {
    const { session } = this;
    const ends = looseOutputs(session.graph, session.checker.lookup);
    if (ends.length > 0) session.edit('Show results', commands.together(...ends.map(commands.toggleOutput)));
  }

  cancelRun(): void {
    const { run } = this.session;
    if (!run.isActive) return;
    if (run.run === undefined) this.#cancelWhenAccepted = true;
    else this.#socket.cancel(run.run);
  }

  #runFailed(error: ErrorShape): void {
    this.#cancelWhenAccepted = false;
    this.session.run.refused(error, performance.now());
    this.#tellFailure(error);
    this.session.changed();
  }

  #tellFailure(error: ErrorShape): void {
    this.session.toast('bad', error.message, error.remedy);
  }

  // Documents

  async openStored(name: string): Promise<void> {
    if (!(await this.#mayLeave())) return;
    try {
      const { graph, ...entry } = await this.api.graph(name);
      this.#opened(graph, entry);
    } catch (error) {
      this.#tell(error);
    }
  }

  async openFile(file: File): Promise<void> {
    if (!(await this.#mayLeave())) return;
    const { graph, errors } = readGraph(await file.text(), {}, file.name);
    if (graph !== undefined) this.#opened(graph, undefined);
    else for (const error of errors.slice(0, 3)) this.session.toast('bad', error.message, error.remedy);
  }

  async newGraph(): Promise<void> {
    if (await this.#mayLeave()) this.#opened(commands.emptyGraph(), undefined);
  }

  #opened(graph: Graph, stored: Session['stored']): void {
    const { session, view } = this;
    session.open(graph, stored);
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        if (!isPlaced(session.graph) || hasOverlap(session.graph, (id) => view.sizeOf(id))) {
          const placed = commands.moveNodes(arrange(session.graph, (id) => view.sizeOf(id)))(session.graph);
          session.history.reset(placed);
          session.changed();
          requestAnimationFrame(() => requestAnimationFrame(() => view.fit()));
        } else view.fit();
      });
    });
  }

  async #mayLeave(): Promise<boolean> {
    if (!this.session.history.isDirty) return true;
    const answer = await this.#dialogs.choose('Leave without saving?', 'Changes to this graph are not saved yet.', [
      'Leave',
      'Stay',
    ]);
    return answer === 'Leave';
  }

  /** Saves where it came from; a shipped or new graph asks for a name. */
  async save(): Promise<void> {
    const { session } = this;
    if (session.stored?.editable === true) return await this.#write(session.stored.name, session.stored.revision);
    await this.saveAs();
  }

  async saveAs(): Promise<void> {
    const { session } = this;
    const suggested = session.stored?.editable === false ? `my-${session.stored.name}` : cleanName(session.graph.name);
    const name = await this.#dialogs.askName('Save graph as', suggested, 'Save');
    if (name !== undefined) await this.#write(cleanName(name), undefined);
  }

  async #write(name: string, revision: string | undefined): Promise<void> {
    const { session, api } = this;
    try {
      session.stored = await api.saveGraph(name, session.graph, revision);
      session.history.markSaved();
      session.graphs = await api.graphs();
      session.toast('good', `Saved as ${name}`);
    } catch (error) {
      if (error instanceof ApiError && error.shape.code === 'server/conflict') await this.#solveConflict(name, error);
      else this.#tell(error);
    }
  }

  async #solveConflict(name: string, error: ApiError): Promise<void> {
    const answer = await this.#dialogs.choose(
      `“${name}” is already there, changed or made by someone else`,
      error.shape.message,
      ['Save under another name', 'Replace theirs', 'Load theirs'],
    );
    if (answer === 'Save under another name') await this.saveAs();
    else if (answer === 'Load theirs') {
      this.session.history.markSaved();
      await this.openStored(name);
    } else if (answer === 'Replace theirs') {
      const entry = (await this.api.graphs()).find((graph) => graph.name === name);
      await this.#write(name, entry?.revision);
    }
  }

  /** The graph as a file, the same text that the server saves. */
  fileText(): string {
    return saveGraph(this.session.graph);
  }

  #tell(error: unknown): void {
    const { message, remedy } = error instanceof ApiError ? error.shape : toWeftError(error).toJSON();
    this.session.toast('bad', message, remedy);
  }
}
