// The list of attempts in a page, held to the JSON of the same attempts.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { folder, launch, open, report, synscope } from './browser.js';

// Both IP versions, bounds in place of durations, and attempts without any.
const CAPTURES = ['--recursive', 'captures'];

let browser;
let all;
before(async () => {
  browser = await launch();
  all = worstFirst(records(...CAPTURES));
});
after(() => browser?.close());

/** The records, as JSON with whole numbers of nanoseconds. */
function records(...args) {
  const lines = synscope('replay', '--quiet', '--format', 'jsonl', ...args).trim().split('\n');
  const whole = (line) => line.replace(/"start_ns":(-?\d+)/, '"start_ns":"$1"');
  return lines.map((line) => JSON.parse(whole(line))).filter(({ type }) => type === 'handshake');
}

/** An address as a number, after all those of the version before. */
function number(address) {
  if (isIPv4(address)) return address.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const groups = (text) => (text ? text.split(':').map((group) => BigInt(`0x${group}`)) : []);
  const [head, tail] = address.split('::').map(groups);
  const missing = tail === undefined ? [] : new Array(8 - head.length - tail.length).fill(0n);
  const all = [...head, ...missing, ...(tail ?? [])];
  assert.equal(all.length, 8, address);
  return all.reduce((sum, group) => sum * 65536n + group, 1n << 32n);
}

const end = ({ name, addr, port }) => [name ?? '', number(addr), port];
const least = (timing, name) => timing[`${name}_ns`] ?? timing[`${name}_range_ns`]?.[0] ?? null;

/** What each column means. */
const COLUMNS = [
  ['id', ({ id }) => [id]],
  ['time', ({ timing }) => timing.start_ns && [BigInt(timing.start_ns)]],
  ['client', ({ client }) => end(client)],
  ['server', ({ server }) => end(server)],
  ['outcome', ({ outcome }) => [outcome]],
  ['total', ({ timing }) => [timing.failed_after_ns ?? least(timing, 'total')]],
  ['server RTT', ({ timing }) => [least(timing, 'server_rtt')]],
  ['client RTT', ({ timing }) => [least(timing, 'client_rtt')]],
  ['+SYN', (record) => [record.syn_retransmissions]],
  ['+SYN-ACK', (record) => [record.syn_ack_retransmissions]],
  ['patterns', ({ patterns }) => [patterns.map(({ name }) => name).join(' ') || null]],
];

/** Orders two values part by part; what is unknown is last, whatever the sign. */
function compare(one, other, sign) {
  const isUnknown = (value) => !value || value[0] === null;
  if (isUnknown(one) || isUnknown(other)) return isUnknown(one) - isUnknown(other);
  const at = one.findIndex((part, at) => part !== other[at]);
  if (at < 0) return 0;
  return one[at] < other[at] ? -sign : sign;
}

const sorted = (all, value, sign) => [...all].sort((a, b) => compare(value(a), value(b), sign));

/** The worst first: failed, then sent again, then what took longest. */
function worstFirst(all) {
  const course = ({ outcome, syn_retransmissions, syn_ack_retransmissions }) => {
    if (outcome !== 'established' && outcome !== 'in_progress') return 0;
    return syn_retransmissions + syn_ack_retransmissions > 0 ? 1 : 2;
  };
  const byId = [...all].sort((a, b) => a.id - b.id);
  const byTime = sorted(byId, ({ timing }) => [timing.failed_after_ns ?? least(timing, 'total')], -1);
  return byTime.sort((a, b) => course(a) - course(b));
}

/** The ids in the list, over all its pages. */
const listed = (page) => page.evaluate(() => {
  const next = document.getElementById('next');
  const ids = [];
  const take = () => document.querySelectorAll('#rows > tr[id]').forEach(({ id }) => ids.push(Number(id.slice(8))));
  for (take(); !next.disabled; take()) next.click();
  return ids;
});

const ids = (all) => all.map(({ id }) => id);

async function holdsSortedBy(page, all, [title, value]) {
  const [header] = await page.$$(`::-p-xpath(//th[button[text()="${title}"]])`);
  const sort = () => header.evaluate((it) => it.ariaSort);
  const press = () => header.$eval('button', (button) => button.click());
  await press();
  assert.equal(await sort(), 'ascending');
  assert.deepEqual(await listed(page), ids(sorted(all, value, 1)), `${title}, ascending`);
  await press();
  assert.equal(await sort(), 'descending');
  assert.deepEqual(await listed(page), ids(sorted(all, value, -1)), `${title}, descending`);
  await press();
  assert.equal(await sort(), null);
  assert.deepEqual(await listed(page), ids(all), 'the worst first again');
}

test('the worst come first, and each column is sorted by its values', async () => {
  assert.ok(all.length > 200);
  const page = await open(browser, report(...CAPTURES));
  assert.deepEqual(await listed(page), ids(all));
  const titles = await page.$$eval('.attempts thead button', (all) => all.map((it) => it.textContent));
  assert.deepEqual(titles, COLUMNS.map(([title]) => title));
  for (const column of COLUMNS) await holdsSortedBy(page, all, column);
  assert.deepEqual(page.said, []);
  await page.close();
});

test('whatever the times look like, they are sorted by their values', async () => {
  const page = await open(browser, report('--time', 'utc', ...CAPTURES));
  await holdsSortedBy(page, all, COLUMNS[1]);
  await page.close();
});

test('hosts with names are sorted by these', async () => {
  const hosts = join(folder(), 'hosts');
  writeFileSync(hosts, '127.0.0.1 loop.example\n192.0.2.2 b.example\n2001:db8::1 a.example\n');
  const args = ['--names', '--hosts', hosts, ...CAPTURES];
  const all = worstFirst(records(...args));
  const page = await open(browser, report(...args));
  const column = (at, name) => [COLUMNS[at][0], (it) => end({ ...it[name], name: it[name].name })];
  await holdsSortedBy(page, all, column(2, 'client'));
  await holdsSortedBy(page, all, column(3, 'server'));
  await page.type('#search', 'b.example');
  assert.match(await page.$eval('#rows', (it) => it.textContent), /b\.example \(192\.0\.2\.2\):80/);
  await page.close();
});

test('a search finds the lines that have all words', async () => {
  const page = await open(browser, report(...CAPTURES));
  const search = async (words) => {
    await page.$eval('#search', (input) => { input.value = ''; });
    await page.type('#search', words);
    return listed(page);
  };
  const isRefused = ({ outcome, patterns }) => `${outcome} ${patterns.map(({ name }) => name)}`.includes('refused');
  const refused = all.filter(isRefused);
  assert.ok(refused.length > 1);
  assert.deepEqual(await search(' REFUSED '), ids(refused));
  const count = await page.$eval('#found', (it) => it.textContent);
  assert.equal(count, `${refused.length} of ${all.length} attempts`);
  const { id, server } = refused[0];
  const address = server.addr.includes(':') ? `[${server.addr}]` : server.addr;
  assert.ok((await search(`refused ${address}:${server.port}`)).includes(id));
  assert.deepEqual(await search('<nothing> has this'), []);
  assert.equal(await page.$eval('#place', (it) => it.textContent), 'none');
  assert.deepEqual(await search(' '), ids(all));
  assert.deepEqual(page.said, []);
  await page.close();
});
