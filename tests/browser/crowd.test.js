// A page of more attempts than it lists.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { crowd, folder, launch, open, report } from './browser.js';

let browser;
let file;
before(async () => {
  browser = await launch();
  const capture = join(folder(), 'crowd.pcap');
  crowd(capture);
  file = report('--memory', '1GB', capture);
});
after(() => browser?.close());

/** Does something, and prints how long that took. */
async function timed(t, what, work) {
  const begin = performance.now();
  const result = await work();
  t.diagnostic(`${what}: ${Math.round(performance.now() - begin)} ms`);
  return result;
}

test('100,000 attempts open; the worst are kept, and the cut is said', async (t) => {
  t.diagnostic(`${statSync(file).size} bytes`);
  const page = await timed(t, 'opened', () => open(browser, file));
  const text = (at) => page.$eval(at, (it) => it.textContent);
  const outcomes = () => page.$$eval('#rows > tr[id]', (rows) => rows.map((row) => row.cells[4].textContent));
  const ids = () => page.$$eval('#rows > tr[id]', (rows) => rows.map(({ id }) => Number(id.slice(8))));
  const press = (title) => page.$eval(`::-p-xpath(//th/button[text()="${title}"])`, (it) => it.click());

  // 99,500 failed and 1,500 did not. Of these the slowest are kept, and each took longer than the last.
  assert.match(await text('header'), /101,000 attempts/);
  assert.equal(await text('#found'), '100,000 of 100,000 attempts');
  assert.match(await text('section[aria-labelledby=attempts]'), /1,000 more attempts would make the page too large/);
  assert.deepEqual(new Set(await outcomes()), new Set(['unanswered']));
  assert.equal((await outcomes()).length, 100);

  const sorted = await timed(t, 'sorted', () => press('server RTT').then(ids));
  assert.deepEqual(sorted, Array.from({ length: 100 }, (_, at) => 100_501 + at));
  await press('server RTT');
  assert.deepEqual(await ids(), Array.from({ length: 100 }, (_, at) => 101_000 - at));
  await timed(t, 'sorted by address', () => press('client'));
  await press('client');
  assert.match(await page.$eval('#rows > tr', (row) => row.cells[2].textContent), /^\[2001:db8::/);

  await timed(t, 'searched', () => page.type('#search', 'established'));
  assert.equal(await text('#found'), '500 of 100,000 attempts');
  assert.deepEqual(page.said, []);
  await page.close();
});

test('what has no ladder says how to see it', async () => {
  const page = await open(browser, file, { hash: '#attempt-100900' });
  const opened = await page.$eval('.details', (row) => row.textContent);
  assert.match(opened, /The ladder of this attempt is not in the page: synscope replay --id 100900 FILE shows it/);
  const without = await page.$eval('main', (it) => it.textContent);
  assert.match(without, /Without a ladder in the page: 99,000 attempts of the list/);
  await page.evaluate(() => { location.hash = '#attempt-1'; });
  await page.waitForSelector('#rows .ladder');
  assert.equal(await page.$eval('.ladder', (it) => it.ariaLabel), 'Ladder of attempt 1');
  assert.deepEqual(page.said, []);
  await page.close();
});
