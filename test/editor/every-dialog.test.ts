/** The palette and the dialog of every node type, in every language, light and dark: new types are covered by themselves. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {
  catalogue,
  type Editor,
  type Exported,
  type Language,
  PACKAGE,
  Stage,
  type Theme,
  TYPES,
} from '../support/browser';
import { MAJOR } from '../support/node-red';
import { CREDENTIALS, type Definition, definitions, everyNode, idOf } from './every-node';
import { contrast, luminance, type Survey, survey } from './survey';

/** Dark mode exists since Node-RED 5. */
const VARIANTS: readonly { language: Language; theme: Theme }[] = [
  { language: 'en-US', theme: 'light' },
  { language: 'de', theme: 'light' },
  { language: 'fr', theme: 'light' },
  ...(MAJOR === '4' ? [] : [{ language: 'en-US', theme: 'dark' } as const]),
];

/** Contrast that WCAG 2 asks of text, level AA. */
const LEGIBLE = 4.5;

interface Visit {
  readonly seen: Survey;
  readonly help: string;
  readonly faults: readonly string[];
  readonly changed: boolean;
  readonly before: Exported;
  readonly after: Exported;
}

interface PaletteEntry {
  readonly label: string;
  readonly icon: string | null;
  readonly isUnderEnergy: boolean;
}

/** What each type gets wrong; nothing where all is well. */
function findings(types: readonly string[], look: (type: string) => readonly string[]): string[] {
  return types.flatMap((type) => look(type).map((finding) => `${type}: ${finding}`));
}

/** A key of a catalogue that stands where its text should. */
function isRawKey(type: string, text: string): boolean {
  const sections = new Set([...catalogue(type, 'en-US').keys()].map((key) => key.split('.')[0] ?? ''));
  return (
    text.includes(PACKAGE) || text.startsWith('node-red:') || [...sections].some((name) => text.startsWith(`${name}.`))
  );
}

/** The first sentence or so of a help text, without its markup. */
function beginning(type: string, language: Language): string {
  const [first = ''] = fs.readFileSync(`nodes/${type}/help/${language}.md`, 'utf8').trim().split('\n\n');
  return plain(first.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*`_]/g, ''));
}

function plain(text: string): string {
  return text.replace(/[\s_]+/g, ' ').trim();
}

describe(`editor: every node in Node-RED ${MAJOR}`, function () {
  this.timeout(90_000);
  const stage = new Stage();
  let all: Definition[];

  before(async function () {
    await stage.start(this);
    await stage.red.deploy([]);
    const editor = await stage.open();
    all = await definitions(editor);
    await editor.close();
    await stage.red.deploy(everyNode(all), CREDENTIALS);
  });
  after(() => stage.stop());

  for (const { language, theme } of VARIANTS) {
    describe(`${language}, ${theme}`, () => {
      let editor: Editor;
      let own: Definition[];
      const visits = new Map<string, Visit>();
      const visit = (type: string): Visit => {
        const found = visits.get(type);
        assert.ok(found, `the dialog of ${type} did not open`);
        return found;
      };

      async function visitDialog(type: string): Promise<Visit> {
        const before = await editor.exportedNode(idOf(type));
        await editor.edit(idOf(type));
        const seen = await survey(editor);
        await editor.tray.locator('.red-ui-tray-footer .fa-book').click();
        const help = await editor.page.locator('.red-ui-help > .red-ui-help').textContent();
        await editor.done();
        const { changed } = await editor.state(idOf(type));
        const after = await editor.exportedNode(idOf(type));
        return { seen, help: plain(help ?? ''), faults: editor.faults(), changed, before, after };
      }

      before(async () => {
        editor = await stage.open({ language, theme });
        own = await definitions(editor);
      });
      after(() => editor.close());

      it('loads without an error', () => {
        assert.deepEqual(editor.faults(), []);
      });

      it('has the nodes in the palette under "energy", config nodes not, each with its icon and a short label', async () => {
        const palette = new Map<string, PaletteEntry>();
        for (const type of TYPES) {
          const entry = editor.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
          if ((await entry.count()) === 0) continue;
          palette.set(type, {
            label: (await entry.locator('.red-ui-palette-label').textContent()) ?? '',
            icon: await entry.locator('.red-ui-palette-icon-container').getAttribute('data-palette-icon'),
            isUnderEnergy: (await entry.locator('xpath=ancestor::*[@id="red-ui-palette-energy"]').count()) > 0,
          });
        }
        const ordinary = all.filter(({ isConfig }) => !isConfig).map(({ type }) => type);
        assert.deepEqual([...palette.keys()].sort(), [...ordinary].sort());
        assert.deepEqual(
          findings(ordinary, (type) => {
            const { label = '', icon = null, isUnderEnergy = false } = palette.get(type) ?? {};
            return [
              ...(label.trim() === '' || label === type || isRawKey(type, label) ? [`the label is "${label}"`] : []),
              ...(icon?.includes(`icons/${PACKAGE}/`) ? [] : [`the icon is ${icon ?? 'missing'}`]),
              ...(isUnderEnergy ? [] : ['it is in another category']),
            ];
          }),
          [],
        );
      });

      it('opens and saves each dialog without an error', async () => {
        for (const type of TYPES) visits.set(type, await visitDialog(type));
        assert.deepEqual(
          findings(TYPES, (type) => visit(type).faults),
          [],
        );
      });

      it('shows every text of the template in the language of the editor', () => {
        assert.deepEqual(
          findings(TYPES, (type) => {
            const texts = catalogue(type, language);
            // Node-RED writes the namespace before the keys of a template.
            const own = `${PACKAGE}/${type}:`;
            const isTranslated = (key: string, shown: string): boolean =>
              key.startsWith(own)
                ? plain(shown) === plain(texts.get(key.slice(own.length)) ?? '')
                : key.startsWith('node-red:') && !isRawKey(type, shown);
            return visit(type)
              .seen.translated.filter(({ key, shown }) => shown === '' || !isTranslated(key, shown))
              .map(({ key, attribute, shown }) => `${attribute ?? ''} ${key} shows as "${shown}"`);
          }),
          [],
        );
      });

      it('shows no raw key and no English where there is a translation', () => {
        assert.deepEqual(
          findings(TYPES, (type) => {
            const texts = new Set(catalogue(type, language).values());
            const english = new Set([...catalogue(type, 'en-US').values()].filter((text) => !texts.has(text)));
            const shown = [
              ...visit(type).seen.texts,
              ...(own.find((each) => each.type === type)?.properties ?? []).flatMap(({ label }) => label ?? []),
            ];
            return shown.filter((text) => isRawKey(type, text) || english.has(text));
          }),
          [],
        );
      });

      it('leaves a node that is saved unchanged as it was', async () => {
        assert.deepEqual(
          findings(TYPES, (type) => (visit(type).changed ? ['is marked as changed'] : [])),
          [],
        );
        for (const type of TYPES) assert.deepEqual(visit(type).after, visit(type).before, type);
        assert.equal(await editor.dirty(), false, 'there is nothing to deploy');
      });

      it('is legible', () => {
        assert.deepEqual(
          findings(TYPES, (type) =>
            visit(type)
              .seen.coloured.filter(({ color, background }) => contrast(color, background) < LEGIBLE)
              .map(({ text, color, background }) => `"${text}" in ${String(color)} on ${String(background)}`),
          ),
          [],
        );
      });

      it(`has ${theme} backgrounds only`, () => {
        assert.deepEqual(
          findings(TYPES, (type) =>
            visit(type)
              .seen.backgrounds.filter(({ color }) => luminance(color) > 0.5 !== (theme === 'light'))
              .map(({ what, color }) => `${what} on ${String(color)}`),
          ),
          [],
        );
      });

      it('fits into a narrow tray', () => {
        assert.deepEqual(
          findings(TYPES, (type) => visit(type).seen.overflowing),
          [],
        );
      });

      it('has no label without its field', () => {
        assert.deepEqual(
          findings(TYPES, (type) => visit(type).seen.strayLabels),
          [],
        );
      });

      it('shows the help of each node, as text', () => {
        assert.deepEqual(
          findings(TYPES, (type) => {
            const { help } = visit(type);
            return [
              ...(help.startsWith(beginning(type, language)) ? [] : [`begins "${help.slice(0, 200)}"`]),
              ...(help.match(/###|\*\*|\]\(http/g) ?? []).map((markup) => `shows ${markup}`),
            ];
          }),
          [],
        );
      });
    });
  }
});
