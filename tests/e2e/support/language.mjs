import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** All texts of a locale file, flattened: `payment.title` → text. */
function texts(language) {
  const flat = new Map();
  const walk = (value, key) => {
    if (typeof value === 'string') flat.set(key, value);
    else Object.entries(value).forEach(([name, inner]) => walk(inner, key ? `${key}.${name}` : name));
  };
  walk(JSON.parse(readFileSync(join(ROOT, 'src', 'locales', `${language}.json`), 'utf8')), '');
  return flat;
}

/** One text of the screens, as the locale file has it. */
export const text = (language, key) => texts(language).get(key) ?? fail(`no text « ${key} » in ${language}.json`);

const fail = (message) => {
  throw new Error(message);
};

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What a key looks like where its text is missing. */
const KEY = /^[a-z]+([._][a-z]+){1,4}$/;

/** Matches the text with anything in the place of its variables, or `undefined` when it is nearly all variables. */
function pattern(text) {
  const fixed = text.split(/\{[^}]*\}|<[^>]*>/);
  if (fixed.join('').replace(/[^\p{L}]/gu, '').length < 4) return undefined;
  return new RegExp(`^${fixed.map((part) => escaped(part.trim())).join('\\s*.*\\s*')}$`, 'su');
}

/** Texts of the page that are keys, or the other language's; `given` are words that people or files brought in. */
export async function foreignTexts(page, language, given) {
  const other = language === 'fr' ? 'en' : 'fr';
  const own = new Set(texts(language).values());
  const foreign = [...texts(other).values()].filter((text) => !own.has(text)).map(pattern).filter(Boolean);
  const keys = new Set([...texts(language).keys()].filter((key) => key.includes('.') || key.includes('_')));
  const shown = await page.evaluate(() => {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        const parent = node.parentElement;
        // The product's name is the same in every language; a text marked as of another language is meant so.
        if (!parent.closest('script,style,.brand,.mark,[data-user-text]') && !parent.closest('body [lang]')) found.add(node.textContent.trim());
      } else if (!node.closest('body [lang]')) {
        for (const attribute of ['aria-label', 'placeholder', 'title', 'alt']) if (node.hasAttribute?.(attribute)) found.add(node.getAttribute(attribute).trim());
      }
    }
    found.delete('');
    return { texts: [...found], lang: document.documentElement.lang };
  });
  const wrong = shown.texts.filter((words) => !given.has(words) && (keys.has(words) || KEY.test(words) || (!own.has(words) && foreign.some((one) => one.test(words)))));
  return shown.lang === language ? wrong : [`the page says that it is in ${shown.lang}`, ...wrong];
}
