/** What a dialog shows, read inside of the page: texts, colours, and what sticks out of it. */
import type { Editor } from '../support/browser';

/** A translated place of the template: the key, what stands there, and the attribute it stands in. */
interface Translated {
  readonly key: string;
  readonly attribute: string | null;
  readonly shown: string;
}

interface Coloured {
  readonly text: string;
  /** sRGB, 0 to 255 */
  readonly color: readonly number[];
  readonly background: readonly number[];
}

export interface Survey {
  readonly translated: readonly Translated[];
  /** All texts, placeholders and titles, those of hidden parts included. */
  readonly texts: readonly string[];
  readonly coloured: readonly Coloured[];
  /** Own backgrounds of elements, sRGB. */
  readonly backgrounds: readonly { readonly what: string; readonly color: readonly number[] }[];
  /** Parts that reach beyond the right edge of a tray of `NARROW` px. */
  readonly overflowing: readonly string[];
  /** Labels that point at nothing. */
  readonly strayLabels: readonly string[];
}

/** px; the narrowest tray that Node-RED makes. */
const NARROW = 500;

/** What of the DOM is used here. */
interface Style {
  readonly color: string;
  readonly backgroundColor: string;
  readonly visibility: string;
}
interface Page {
  readonly tagName: string;
  readonly id: string;
  readonly className: string;
  readonly textContent: string;
  readonly parentElement: Page | null;
  readonly offsetParent: unknown;
  readonly disabled?: boolean;
  readonly childNodes: ArrayLike<{ readonly nodeType: number; readonly textContent: string }>;
  readonly style: { width: string; minWidth: string; display: string };
  readonly scrollWidth: number;
  readonly clientWidth: number;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Page | null;
  querySelectorAll(selector: string): ArrayLike<Page>;
  closest(selector: string): Page | null;
  getBoundingClientRect(): { readonly right: number; readonly width: number };
}
declare const document: Page;
declare function getComputedStyle(element: Page): Style;

/** Surveys the dialog that is open. Runs in the page: refers to nothing outside of itself. */
function look(narrow: number): Survey {
  const tray = Array.from(document.querySelectorAll('.red-ui-tray')).at(-1);
  const body = tray?.querySelector('.red-ui-tray-body');
  // The form of the properties: the other tabs of the tray are Node-RED's.
  const form = body?.querySelector('form');
  if (!tray || !body || !form) throw new Error('no dialog is open');
  const all = Array.from(form.querySelectorAll('*'));
  // Tabs and rows that do not apply now are looked at as well.
  const hidden = all.filter(
    ({ tagName, style, className }) =>
      tagName === 'DIV' && style.display === 'none' && !className.startsWith('red-ui-'),
  );
  for (const { style } of hidden) style.display = '';
  const isShown = (element: Page): boolean =>
    element.offsetParent !== null && getComputedStyle(element).visibility === 'visible';
  const ownText = ({ childNodes }: Page): string =>
    Array.from(childNodes)
      .filter(({ nodeType }) => nodeType === 3)
      .map(({ textContent }) => textContent.trim())
      .join(' ')
      .trim();
  const name = ({ tagName, id, textContent }: Page): string => `${tagName} ${id || textContent.trim().slice(0, 40)}`;

  const translated = all.flatMap((element) =>
    (element.getAttribute('data-i18n') ?? '')
      .split(';')
      .filter((part) => part !== '')
      .map((part) => {
        const [, attribute = null, key = part] = /^\[(\w+)\](.+)$/.exec(part) ?? [];
        return { key, attribute, shown: (attribute ? element.getAttribute(attribute) : element.textContent) ?? '' };
      }),
  );
  const texts = all
    .flatMap((element) => [ownText(element), element.getAttribute('placeholder'), element.getAttribute('title')])
    .filter((text): text is string => Boolean(text));

  const rgba = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const isOpaque = (color: string): boolean => (rgba(color)[3] ?? 1) > 0.9;
  const backgroundOf = (element: Page | null): number[] => {
    if (!element) return [255, 255, 255];
    const { backgroundColor } = getComputedStyle(element);
    return isOpaque(backgroundColor) ? rgba(backgroundColor) : backgroundOf(element.parentElement);
  };
  const shown = all.filter(isShown);
  const coloured = shown
    .filter((element) => ownText(element) !== '' || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName))
    .filter((element) => element.tagName !== 'OPTION' && !element.disabled && !element.closest('button'))
    .map((element) => ({
      text: ownText(element) || name(element),
      color: rgba(getComputedStyle(element).color),
      background: backgroundOf(element),
    }));
  const backgrounds = shown
    .filter((element) => isOpaque(getComputedStyle(element).backgroundColor))
    .map((element) => ({ what: name(element), color: rgba(getComputedStyle(element).backgroundColor) }));

  const strayLabels = Array.from(form.querySelectorAll('label[for]'))
    .filter((label) => !form.querySelector(`[id="${label.getAttribute('for') ?? ''}"]`))
    .map(name);

  const [width, minWidth] = [tray.style.width, body.style.minWidth];
  tray.style.width = `${narrow}px`;
  body.style.minWidth = '0';
  const edge = body.getBoundingClientRect();
  const overflowing = shown
    .filter((element) => element.getBoundingClientRect().width > 0)
    .filter((element) => element.getBoundingClientRect().right > edge.right + 1)
    .map(name);
  if (body.scrollWidth > body.clientWidth + 1) overflowing.push(`${body.scrollWidth} px of ${body.clientWidth}`);
  tray.style.width = width;
  body.style.minWidth = minWidth;
  for (const { style } of hidden) style.display = 'none';

  return { translated, texts, coloured, backgrounds, overflowing, strayLabels };
}

export function survey(editor: Editor): Promise<Survey> {
  return editor.page.evaluate(look, NARROW);
}

/** Relative luminance of WCAG 2, 0 (black) to 1 (white). */
export function luminance([red = 0, green = 0, blue = 0]: readonly number[]): number {
  const linear = (part: number): number =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Contrast ratio of WCAG 2, 1 to 21. */
export function contrast(one: readonly number[], other: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
