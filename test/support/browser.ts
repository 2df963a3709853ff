/** Node-RED's editor in a real Chromium, as a user sees it. The runtime behind it comes from ./node-red. */
import fs from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type ConsoleMessage, type Locator, type Page } from 'playwright-core';
import { type NodeRed, startNodeRed } from './node-red';
import { requireInstalled } from './requirement';

const CHROMIUM = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((file) => file !== '' && fs.existsSync(file));

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const PACKAGE = '@jouleflow/node-red-home-energy';

export const LANGUAGES = ['en-US', 'de', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Theme = 'light' | 'dark';

/** The node types of this package. */
export const TYPES: readonly string[] = Object.keys(
  (JSON.parse(fs.readFileSync('package.json', 'utf8')) as { 'node-red': { nodes: object } })['node-red'].nodes,
);

/** What a suite runs on: Node-RED, Chromium, and what else it starts. */
export class Stage {
  #red: NodeRed | undefined;
  #browser: Browser | undefined;
  readonly #stops: (() => Promise<void>)[] = [];

  /** The first call of a `before` hook: `await stage.start(this)`. Skips the suite where Chromium is missing. */
  async start(context: Mocha.Context): Promise<void> {
    requireInstalled(context, CHROMIUM !== undefined, 'Chromium');
    this.#red = await startNodeRed();
    this.#browser = await chromium.launch({ executablePath: CHROMIUM ?? 'chromium', args: ARGUMENTS });
  }

  get red(): NodeRed {
    if (!this.#red) throw new Error('not started');
    return this.#red;
  }

  /** Opens an editor and resolves when it shows the deployed flows. */
  open(options: EditorOptions = {}): Promise<Editor> {
    if (!this.#browser) throw new Error('not started');
    return Editor.open(this.#browser, this.red, options);
  }

  /** Has something stopped with the stage. */
  onStop(stop: () => Promise<void>): void {
    this.#stops.unshift(stop);
  }

  /** The `after` hook. */
  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.#red?.stop();
    for (const stop of this.#stops) await stop();
  }
}

/** The texts of a node type, by dotted key. */
export function catalogue(type: string, language: Language): ReadonlyMap<string, string> {
  const flatten = (value: object, prefix: string): [string, string][] =>
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
      typeof inner === 'object' && inner !== null
        ? flatten(inner, `${prefix}${key}.`)
        : [[prefix + key, String(inner)] as [string, string]],
    );
  const file = path.join(process.cwd(), 'nodes', type, 'locales', `${language}.json`);
  return new Map(flatten(JSON.parse(fs.readFileSync(file, 'utf8')) as object, ''));
}

/** A node as the editor exports it. */
export type Exported = { readonly id: string; readonly type: string } & Readonly<Record<string, unknown>>;

/** What the functions that run inside of the page use of the editor. */
interface EditorNode {
  readonly id: string;
  readonly type: string;
  readonly changed?: boolean;
  readonly valid?: boolean;
  readonly validationErrors?: readonly string[];
  readonly _def: { readonly category: string };
}

declare const RED: {
  readonly nodes: {
    node(id: string): EditorNode | null;
    workspace(id: string): object | undefined;
    dirty(): boolean;
    createCompleteNodeSet(options: object): Exported[];
  };
  readonly editor: { edit(node: EditorNode): void; editConfig(name: string, type: string, id: string): void };
};
declare const jQuery: { readonly fx: { off: boolean } };
declare function getComputedStyle(element: unknown): { readonly right: string };
declare const document: { querySelectorAll(selector: string): ArrayLike<{ readonly offsetParent: unknown }> };
declare const localStorage: { setItem(key: string, value: string): void };

export interface EditorOptions {
  readonly language?: Language;
  readonly theme?: Theme;
}

export class Editor {
  /** Errors of the page and of its console since the last look. */
  readonly #faults: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.#faults.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (isFault(message)) this.#faults.push(message.text());
    });
  }

  /** Opens the editor and resolves when the deployed flows are on show. */
  static async open(
    browser: Browser,
    red: NodeRed,
    { language = 'en-US', theme = 'light' }: EditorOptions = {},
  ): Promise<Editor> {
    await fetch(`${red.url}settings/user`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ editor: { view: { 'view-show-welcome-tours': false } } }),
    });
    const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
    context.setDefaultTimeout(15_000);
    await context.route(
      (url) => url.hostname !== '127.0.0.1',
      (route) => route.abort(),
    );
    await context.addInitScript(
      ([chosenLanguage, chosenTheme]) => {
        localStorage.setItem('editor-language', chosenLanguage);
        localStorage.setItem('view-dark-theme', chosenTheme);
      },
      [language, theme] as const,
    );
    const editor = new Editor(await context.newPage());
    await editor.page.goto(red.url);
    await editor.#loaded();
    return editor;
  }

  /** Loads the editor anew: what was not deployed is gone. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.#loaded();
  }

  async #loaded(): Promise<void> {
    // The tab is there once the flows are, the loading screen goes after that.
    await this.page.waitForFunction(() => typeof RED !== 'undefined' && Boolean(RED.nodes.workspace('tab')));
    await this.page.waitForFunction(() => {
      const shades = document.querySelectorAll('#red-ui-loading-progress');
      return Array.from(shades).every(({ offsetParent }) => offsetParent === null);
    });
    await this.page.evaluate(() => void (jQuery.fx.off = true));
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  /** The faults since the last call. */
  faults(): string[] {
    return this.#faults.splice(0);
  }

  /** The tray on top. */
  get tray(): Locator {
    return this.page.locator('.red-ui-tray').last();
  }

  /** The field of a property in the dialog that is open. */
  field(property: string): Locator {
    return this.tray.locator(`#node-input-${property}, #node-config-input-${property}`);
  }

  /** Opens the dialog of a node and waits until it stands still. */
  async edit(id: string): Promise<void> {
    await this.page.evaluate((wanted) => {
      const node = RED.nodes.node(wanted);
      if (!node) throw new Error(`no node ${wanted}`);
      if (node._def.category === 'config') RED.editor.editConfig('', node.type, node.id);
      else RED.editor.edit(node);
    }, id);
    await this.settled();
  }

  /** Waits until the dialog on top has slid in. */
  async settled(): Promise<void> {
    await this.tray.locator('form').first().waitFor();
    await this.page.waitForFunction(() => {
      const tray = Array.from(document.querySelectorAll('.red-ui-tray')).at(-1);
      return tray !== undefined && getComputedStyle(tray).right === '0px';
    });
  }

  /** Presses Done (config nodes: Add or Update). */
  done(): Promise<void> {
    return this.#press('ok');
  }

  cancel(): Promise<void> {
    return this.#press('cancel');
  }

  async #press(button: 'ok' | 'cancel'): Promise<void> {
    const open = await this.page.locator('.red-ui-tray').count();
    await this.tray.locator(`#node-dialog-${button}, #node-config-dialog-${button}`).click();
    await this.page.waitForFunction((before) => document.querySelectorAll('.red-ui-tray').length < before, open);
  }

  /** All flows as the editor would deploy them; credentials only say whether there are some. */
  exported(): Promise<Exported[]> {
    return this.page.evaluate(() => RED.nodes.createCompleteNodeSet({ credentials: false }));
  }

  async exportedNode(id: string): Promise<Exported> {
    const node = (await this.exported()).find((each) => each.id === id);
    if (!node) throw new Error(`The editor does not export a node ${id}`);
    return node;
  }

  /** What the editor thinks of a node. */
  state(id: string): Promise<{ changed: boolean; valid: boolean; errors: readonly string[] }> {
    return this.page.evaluate((wanted) => {
      const node = RED.nodes.node(wanted);
      return {
        changed: node?.changed === true,
        valid: node?.valid !== false,
        errors: node?.validationErrors ?? [],
      };
    }, id);
  }

  /** Whether there is something to deploy. */
  dirty(): Promise<boolean> {
    return this.page.evaluate(() => RED.nodes.dirty());
  }
}

/** Node-RED asks the internet for its catalogue and for news; tests have none. */
function isFault(message: ConsoleMessage): boolean {
  if (message.type() === 'error') return !/^https?:\/\/(?!127\.0\.0\.1)/.test(message.location().url);
  // Node-RED catches what definitions throw, and logs it.
  return message.type() === 'log' && /error|undefined|not a function/i.test(message.text());
}
