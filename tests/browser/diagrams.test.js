// Pictures in other formats: Mermaid as its own parser takes it, SVG as a browser draws it.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { captures, folder, launch, open, synscope } from './browser.js';

const mermaid = createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js');
const LATE = 'captures/late.pcapng';

const draw = (format, capture, ...args) => synscope('replay', '--quiet', '--format', format, ...args, capture);

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** An empty page in which Mermaid is there. */
async function withMermaid() {
  const page = await browser.newPage();
  await page.addScriptTag({ path: mermaid });
  return page;
}

test('Mermaid parses the diagram of every bundled capture', async () => {
  const page = await withMermaid();
  const parse = (text) => page.evaluate((text) => globalThis.mermaid.parse(text).catch(String), text);
  const holds = async (capture, ...args) => {
    const parsed = await parse(draw('mermaid', capture, ...args));
    assert.equal(parsed.diagramType, 'sequence', `${capture} ${args}: ${parsed}`);
  };
  assert.ok(captures().length > 60);
  for (const capture of captures()) await holds(capture);
  await holds(LATE, '--explain');
  await holds(LATE, '--compact');
  assert.match(await parse('sequenceDiagram\n  A->>'), /Parse error/);
  await page.close();
});

test('Mermaid draws a diagram with all its lines', async () => {
  const page = await withMermaid();
  const text = await page.evaluate(async (diagram) => {
    const { svg } = await globalThis.mermaid.render('drawn', diagram);
    document.body.innerHTML = svg;
    return document.body.innerText;
  }, draw('mermaid', LATE));
  for (const words of ['client 127.0.0.1:60828', 'SYN seq=3229574777 (J)', 'SYN-RECEIVED', 'late_establish']) {
    assert.ok(text.includes(words), `${words} is not in ${text}`);
  }
  assert.equal(await page.$$eval('.messageText', (all) => all.length > 3), true);
  await page.close();
});

test('the picture of every bundled capture is SVG, and its text is text', async () => {
  const page = await browser.newPage();
  for (const capture of captures()) {
    const svg = draw('svg', capture);
    const texts = await page.evaluate((svg) => {
      const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml');
      if (parsed.querySelector('parsererror')) return [parsed.documentElement.textContent, ''];
      return [...parsed.querySelectorAll('text')].map((text) => text.textContent);
    }, svg);
    assert.equal(texts.length, svg.split('<text').length - 1, `${capture}: ${texts[0]}`);
    assert.ok(texts.length > 8 && texts.every((text) => text.trim()), `${capture}: ${texts}`);
  }
  await page.close();
});

test('a picture is light or dark as its reader is, and has the words of the ladder', async () => {
  const file = join(folder(), 'late.svg');
  writeFileSync(file, draw('svg', LATE));
  const colors = [];
  for (const scheme of ['light', 'dark']) {
    const page = await open(browser, file, { scheme });
    const fill = (shape) => getComputedStyle(shape).fill;
    colors.push([await page.$eval('rect.paper', fill), await page.$eval('text .plain', fill)]);
    const text = await page.$eval('svg', (svg) => svg.textContent);
    for (const words of ['127.0.0.1:60828', '3229574777', 'SYN-RECEIVED', 'ESTABLISHED', 'sent again 1.02 s after frame 1']) {
      assert.ok(text.includes(words), `${words} is not in ${text}`);
    }
    assert.deepEqual(page.said, []);
    await page.close();
  }
  assert.deepEqual(colors[0], ['rgb(255, 255, 255)', 'rgb(27, 31, 36)']);
  assert.deepEqual(colors[1], ['rgb(13, 17, 23)', 'rgb(230, 237, 243)']);
});
