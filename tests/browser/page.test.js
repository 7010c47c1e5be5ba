// A page of `synscope report` as its reader has it: what it loads, shows and prints.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { folder, launch, open, report, root } from './browser.js';
import { withInterface } from './pcapng.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
let scan;
let all;
before(async () => {
  browser = await launch();
  scan = report('captures/scan.pcapng');
  all = report('--recursive', 'captures');
});
after(() => browser?.close());

const ids = (page) => page.$$eval('#rows > tr[id]', (rows) => rows.map((row) => row.id));
const ladders = (page) => page.$$eval('#rows .ladder', (all) => all.map((one) => one.ariaLabel));

test('a page loads nothing, and its policy forbids nothing that it does', async () => {
  for (const file of [scan, all]) {
    const page = await open(browser, file, { hash: '#attempt-2' });
    assert.ok((await ids(page)).length >= 3);
    assert.deepEqual(await ladders(page), ['Ladder of attempt 2']);
    assert.deepEqual(page.said, []);
    await page.close();
  }
});

test('what a page does not allow would be said', async () => {
  const page = await open(browser, scan);
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "it ran"';
    const image = document.createElement('img');
    image.src = 'https://192.0.2.1/image.png';
    document.body.append(script, image);
  });
  await page.waitForFunction(() => document.images.length === 1);
  assert.doesNotMatch(await page.title(), /it ran/);
  assert.ok(page.said.some((line) => line.includes('policy: script-src')), page.said);
  assert.ok(page.said.some((line) => line.includes('policy: img-src')), page.said);
  await page.close();
});

test('an attempt opens and closes by a click', async () => {
  const page = await open(browser, scan);
  assert.deepEqual(await ladders(page), []);
  await page.click('#attempt-2 td');
  assert.deepEqual(await ladders(page), ['Ladder of attempt 2']);
  const drawn = await page.$eval('#rows .ladder svg', (svg) => [svg.textContent, svg.clientHeight]);
  assert.match(drawn[0], /SYN-SENT/);
  assert.ok(drawn[1] > 100, `${drawn[1]} pixels`);
  assert.equal(await page.$eval('#attempt-2 .open', (it) => it.ariaExpanded), 'true');
  await page.click('#attempt-2 .open');
  assert.deepEqual(await ladders(page), []);
  assert.equal(await page.$eval('#attempt-2 .open', (it) => it.ariaExpanded), 'false');
  assert.deepEqual(page.said, []);
  await page.close();
});

test('an attempt opens and closes by keys alone', async () => {
  const page = await open(browser, scan);
  const focused = () => page.evaluate(() => document.activeElement.ariaLabel);
  for (let tabs = 0; (await focused()) !== 'attempt 2'; tabs += 1) {
    assert.ok(tabs < 60, 'no way leads to the attempt');
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  assert.deepEqual(await ladders(page), ['Ladder of attempt 2']);
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Ladder of attempt 2');
  await page.keyboard.press('Escape');
  assert.deepEqual(await ladders(page), []);
  assert.equal(await focused(), 'attempt 2');
  await page.close();
});

test('a link in a finding opens its attempt, wherever in the list it is', async () => {
  const page = await open(browser, all);
  const links = await page.$$eval('.evidence a', (links) => links.map((link) => link.hash));
  assert.ok(links.length > 10);
  for (const link of links) {
    await page.type('#search', '~');
    assert.deepEqual(await ids(page), []);
    await page.click(`.evidence a[href="${link}"]`);
    await page.waitForFunction((id) => document.activeElement.closest('tr')?.id === id, {}, link.slice(1));
    const label = `Ladder of attempt ${link.replace('#attempt-', '')}`;
    assert.ok((await ladders(page)).includes(label), label);
  }
  assert.deepEqual(page.said, []);
  await page.close();
});

test('hostile names are text', async () => {
  const hostile = '<img src=x onerror=alert(1)><!--"\'&amp;\u202e';
  // The path as a whole ends a script.
  const file = join(folder(), '<', `script><script>alert(2)<`, `${hostile}.pcapng`);
  mkdirSync(dirname(file), { recursive: true });
  const capture = readFileSync(join(root, 'captures/scan.pcapng'));
  writeFileSync(file, withInterface(capture, `</script><script>alert(3)</script>${hostile}`));
  const page = await open(browser, report(file), { hash: '#attempt-2' });
  const shown = hostile.replace('\u202e', '\\u{202e}');
  assert.equal(await page.$eval('h1', (it) => it.textContent), `${shown}.pcapng`);
  assert.equal(await page.title(), `${shown}.pcapng – synscope`);
  const ladder = await page.$eval('.ladder svg', (svg) => svg.textContent);
  // Long lines are broken at spaces.
  const name = `</script><script>alert(3)</script>${shown}`.replaceAll(' ', '');
  assert.ok(ladder.replaceAll(' ', '').includes(name), ladder);
  assert.equal(await page.$$eval('img', (all) => all.length), 0);
  assert.ok(!(await page.content()).includes('\u202e'));
  assert.deepEqual(page.said, []);
  await page.close();
});

test('a page is accessible, light and dark, wide and narrow, with a ladder open', async () => {
  const looks = [{}, { scheme: 'dark' }, { width: 360 }, { width: 360, scheme: 'dark' }];
  for (const [file, each] of [[scan, looks], [all, looks.slice(1, 3)]]) {
    for (const look of each) {
      const page = await open(browser, file, { ...look, hash: '#attempt-2' });
      await page.$eval('details', (it) => { it.open = true; }).catch(() => assert.equal(file, scan));
      const paper = await page.$eval('body', (body) => getComputedStyle(body).backgroundColor);
      assert.equal(paper, look.scheme === 'dark' ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)');
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { violations, passes } = await axe.run();
        const places = ({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`);
        return { violations: violations.flatMap(places), passes: passes.map(({ id }) => id) };
      });
      assert.deepEqual(found.violations, [], JSON.stringify(look));
      assert.ok(found.passes.includes('color-contrast'), `${found.passes}`);
      await page.close();
    }
  }
});

test('nothing is wider than a phone, but what scrolls by itself', async () => {
  for (const file of [scan, all]) {
    const page = await open(browser, file, { width: 360, hash: '#attempt-2' });
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.deepEqual(widths, [360, 360]);
    await page.close();
  }
});

test('a page over time says in words and numbers what it draws', async () => {
  const page = await open(browser, all);
  const labels = await page.$$eval('.over-time > svg', (all) => all.map((svg) => svg.ariaLabel));
  assert.match(labels[0], /^server RTT over time: median at most .+; up to the slowest: .+/);
  assert.match(labels[1], /^attempts over time: began: at most \d.+; of these failed: at most \d.+/);
  const signs = await page.$$eval('.legend svg', (all) => all.map((svg) => svg.getBoundingClientRect().width));
  assert.ok(signs.length === 4 && signs.every((width) => width > 4), `${signs}`);
  const attempts = await page.$$eval('details tbody tr', (rows) => rows.map((row) => Number(row.cells[1].textContent)));
  const listed = await page.$eval('#found', (it) => Number(it.textContent.split(' ')[0]));
  assert.equal(attempts.reduce((sum, count) => sum + count), listed);
  await page.close();
});

test('a page is printed on white, without what is for the screen, and nothing is cut', async () => {
  // The width of landscape A4 within its margins, in CSS pixels.
  const width = Math.floor(((297 - 24) / 25.4) * 96);
  const page = await open(browser, all, { media: 'print', scheme: 'dark', width, hash: '#attempt-2' });
  const styles = await page.evaluate(() => ({
    paper: getComputedStyle(document.body).backgroundColor,
    tools: [...document.querySelectorAll('.tools, .copy, .skip')].map((it) => it.offsetHeight),
    right: Math.max(...[...document.querySelectorAll('table, svg, p')].map((it) => it.getBoundingClientRect().right)),
  }));
  assert.equal(styles.paper, 'rgb(255, 255, 255)');
  assert.ok(styles.tools.length > 3 && styles.tools.every((height) => height === 0), `${styles.tools}`);
  assert.ok(styles.right <= width, `${styles.right} of ${width} pixels`);
  const pdf = Buffer.from(await page.pdf({ preferCSSPageSize: true }));
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  await page.close();
});
