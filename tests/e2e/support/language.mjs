import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
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

/** Matches the text with anything in the place of its variables, or `undefined` when it is nearly all variables. */
function pattern(text) {
  const fixed = text.split(/\{[^}]*\}|<[^>]*>/);
  if (fixed.join('').replace(/[^\p{L}]/gu, '').length < 4) return undefined;
  return new RegExp(`^${fixed.map((part) => escaped(part.trim())).join('\\s*.*\\s*')}$`, 'su');
}

/** Fails when the page shows a key in place of its text, or the other language's text. */
export async function expectOnly(page, language, name) {
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
        // A text marked as being of another language is meant so: the names of the languages themselves.
        if (!parent.closest('script,style,[data-user-text]') && !parent.closest('body [lang]')) found.add(node.textContent.trim());
      } else if (!node.closest('body [lang]')) {
        for (const attribute of ['aria-label', 'placeholder', 'title', 'alt']) if (node.hasAttribute?.(attribute)) found.add(node.getAttribute(attribute).trim());
      }
    }
    found.delete('');
    return { texts: [...found], lang: document.documentElement.lang };
  });
  expect(shown.lang, `the page's language on « ${name} »`).toBe(language);
  const wrong = shown.texts.filter((text) => keys.has(text) || /^[a-z]+([._][a-z]+){1,4}$/.test(text) || (!own.has(text) && foreign.some((one) => one.test(text))));
  expect.soft(wrong, `texts of « ${name} » that are not ${language}`).toEqual([]);
}
